// What every section of the bench needs: a clock, a middle value, a transform that knows the pods of `batches.ts`.
import { mkdirSync, writeFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { DirectorySource } from '../../src/core/model/ports.ts';
import { DEFAULT_SETTINGS, type Settings } from '../../src/core/model/settings.ts';
import { createTransform, type Transform } from '../../src/core/pipeline/transform.ts';
import { createDirectorySource } from '../../src/inventory/index.ts';
import { createInventory } from './batches.ts';

/** Pods of the cluster that is measured, unless a section says otherwise. */
export const PODS = 2000;

/** Gzip of a Firehose buffer, bytes. */
export const GZIP_BYTES = 900_000;

/** Bytes of a MB in what the bench prints. */
export const MB = 2 ** 20;

/** CPU time of this process, ms: what other processes do to the machine does not count. */
export function cpuMs(): number {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
}

/** The value in the middle; the machine's other work only ever makes a run slower. */
export const median = (values: readonly number[]): number =>
  values.toSorted((a, b) => a - b)[values.length >> 1] ?? Number.NaN;

/** Frees what nobody holds any more. */
export function collectGarbage(): void {
  setFlagsFromString('--expose-gc');
  const collect: unknown = runInNewContext('gc');
  if (typeof collect === 'function') collect();
}

/** A number for a table: `fixed(1.234, 1)` is `1.2`. */
export const fixed = (value: number, digits = 2): string => value.toFixed(digits);

/** Median CPU time of `work`, ms: some rounds to warm up, then `rounds` that count. */
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

/** The inventory of `pods` pods and the file it lies in (`DIRECTORY_FILE`). */
export function writeInventory(pods = PODS) {
  const directoryFile = resolve(`.cache/bench-directory-${pods}.json`);
  mkdirSync('.cache', { recursive: true });
  const inventory = createInventory(pods);
  writeFileSync(directoryFile, JSON.stringify(inventory));
  return { inventory, directoryFile };
}

/** A transform with full enrichment from a file of `pods` pods. */
export function createBenchTransform(pods = PODS, changed: Partial<Settings> = {}) {
  const { inventory, directoryFile } = writeInventory(pods);
  const settings: Settings = { ...DEFAULT_SETTINGS, directoryFile, region: 'eu-west-1', ...changed };
  const directory = createDirectorySource(settings);
  return { settings, directory, inventory, transform: transformWith(settings, directory) };
}

/** A transform; a record that fails ends the run. */
export const transformWith = (settings: Settings, directory: DirectorySource): Transform =>
  createTransform(settings, {
    directory,
    now: Date.now,
    recordFailed: (_, code, error) => {
      throw error ?? new Error(code);
    },
  });
