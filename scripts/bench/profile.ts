// Where the time goes: `node --cpu-prof scripts/run.js scripts/bench/profile.ts <shape> [rounds]`.
import { createBatch, SHAPES } from './batches.ts';
import { createBenchTransform } from './setup.ts';

const { transform } = createBenchTransform();
const shape = SHAPES.find((name) => name === process.argv[2]) ?? 'coredns';
const { event, events } = createBatch(shape, 900_000);
for (let round = 0; round < Number(process.argv[3] ?? 5); round++) {
  const start = process.cpuUsage();
  await transform(event);
  const { user, system } = process.cpuUsage(start);
  const ms = (user + system) / 1000;
  console.log(`${shape} ${ms.toFixed(0)} ms of CPU, ${((ms / events) * 1e6).toFixed(0)} ns/event`);
}
