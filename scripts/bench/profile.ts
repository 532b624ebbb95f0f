// Where the time goes: `node --cpu-prof scripts/run.js scripts/bench/profile.ts <shape> [rounds]`.
import { mkdirSync, writeFileSync } from 'node:fs';
import { DEFAULT_SETTINGS } from '../../src/core/model/settings.ts';
import { createTransform } from '../../src/core/pipeline/transform.ts';
import { createDirectorySource } from '../../src/inventory/index.ts';
import { createBatch, createInventory, SHAPES } from './batches.ts';

const directoryFile = '.cache/bench-directory.json';
mkdirSync('.cache', { recursive: true });
writeFileSync(directoryFile, JSON.stringify(createInventory(2000)));
const settings = { ...DEFAULT_SETTINGS, directoryFile, region: 'eu-west-1' };
const transform = createTransform(settings, {
  directory: createDirectorySource(settings),
  now: Date.now,
  recordFailed: (_, code, error) => {
    throw error ?? new Error(code);
  },
});
const shape = SHAPES.find((name) => name === process.argv[2]) ?? 'coredns';
const { event, events } = createBatch(shape, 900_000);
for (let round = 0; round < Number(process.argv[3] ?? 5); round++) {
  const start = process.cpuUsage();
  await transform(event);
  const { user, system } = process.cpuUsage(start);
  const ms = (user + system) / 1000;
  console.log(`${shape} ${ms.toFixed(0)} ms of CPU, ${((ms / events) * 1e6).toFixed(0)} ns/event`);
}
