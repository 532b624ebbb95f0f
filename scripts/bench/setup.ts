// Shared by the sections: CPU clock, median, and a transform with the inventory of `batches.ts`.
import { mkdirSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { createTransform } from '../../src/core/index.ts';
import type { DirectorySource } from '../../src/core/model/ports.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../src/core/model/settings.ts';
import type { Transform } from '../../src/core/pipeline/transform.ts';
import { createDirectorySource } from '../../src/inventory/index.ts';
import { createInventory } from './bench-cluster.ts';

/** Default number of pods of the measured cluster. */
export const PODS = 2000;

/** Size of a large Firehose buffer, and of the recommended one, bytes of gzip. */
export const GZIP_BYTES = 900_000;
export const RECOMMENDED_GZIP_BYTES = 450_000;

/** Bytes per MB in the output. */
export const MB = 2 ** 20;

/** CPU time of this process, ms; excludes the load of other processes. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** The median; robust against runs that are slowed down by other load. */
export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** Runs a full garbage collection. */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
}

/** A number for a table: `fixed(1.234, 1)` is `1.2`. */
export const fixed = (value: number, digits = 2): string => value.toFixed(digits);

/** Median CPU time of `work`, ms, over `rounds` after a warm-up. */
export async function medianCpuMs(rounds: number, work: () => unknown): Promise<number> {
  for (let n = 0; n < Math.min(3, rounds); n++) await work();
  const times: number[] = [];
  for (let n = 0; n < rounds; n++) {
    const start = cpuMs();
    await work();
    times.push(cpuMs() - start);
  }
  return median(times);
}

/** Writes the inventory of `pods` pods to a file (`DIRECTORY_FILE`); returns both. */
export function writeInventory(pods = PODS, annotations?: number) {
  const directoryFile = resolve(`.cache/bench-directory-${pods}-${annotations ?? 'mixed'}.json`);
  mkdirSync('.cache', { recursive: true });
  const inventory = createInventory(pods, { annotations });
  writeFileSync(directoryFile, JSON.stringify(inventory));
  return { inventory, directoryFile };
}

/** A transform with full attribution from a file of `pods` pods. */
export function createBenchTransform(pods = PODS, changed: Partial<Settings> = {}, annotations?: number) {
  const { inventory, directoryFile } = writeInventory(pods, annotations);
  const settings: Settings = { ...DEFAULT_SETTINGS, directoryFile, region: 'eu-west-1', ...changed };
  const directory = createDirectorySource(settings);
  return { settings, directory, inventory, transform: transformWith(settings, directory) };
}

/** A transform that throws if a record fails. */
export const transformWith = (settings: Settings, directory: DirectorySource): Transform =>
  createTransform(settings, {
    directory,
    now: Date.now,
    recordFailed: (_, code, error) => {
      throw error ?? new Error(code);
    },
  });
