// Which places in the source that make a failed check were reached. To be imported before anything that imports the checks.
import { readdirSync, readFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { expect, jest } from '@jest/globals';
import type { Check } from '../../../src/cli/lib/doctor/check.ts';

const MODULE = '../../../src/cli/lib/doctor/check.ts';
const original = await import(MODULE);
const reached = new Set<string>();

type Make = (name: string, observed: string, impact: string, fix: string) => Check;

const recording =
  (make: Make): Make =>
  (...args) => {
    const caller = new Error().stack?.split('\n')[2] ?? '';
    const [, file = '', line = ''] = /([^/(]+\/[^/]+\.ts)[^:]*:(\d+):\d+\)?$/.exec(caller) ?? [];
    reached.add(`${file}:${line}`);
    return make(...args);
  };

jest.unstable_mockModule(MODULE, () => ({
  ...original,
  missing: recording(original.missing),
  warning: recording(original.warning),
}));

/** `doctor/stream-checks.ts:77` of every call of `missing` and `warning` below src/cli/lib. */
const places = (readdirSync('src/cli/lib', { recursive: true }) as string[])
  .filter((path) => path.endsWith('.ts') && basename(path) !== 'check.ts')
  .flatMap((path) =>
    readFileSync(join('src/cli/lib', path), 'utf8')
      .split('\n')
      .flatMap((line, at) => (/(?<![\w.'])(?:missing|warning)\(/.test(line) ? [`${path}:${at + 1}`] : [])),
  );

/** Fails for each of these places that no test of this file has reached. */
export function expectAllReached(files: RegExp): void {
  const wanted = places.filter((place) => files.test(place));
  expect(wanted.length).toBeGreaterThan(0);
  expect(wanted.filter((place) => !reached.has(place))).toEqual([]);
}
