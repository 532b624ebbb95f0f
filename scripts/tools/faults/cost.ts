// Requests and pods that are made to cost as much as possible; see scripts/tools/cost.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Draft } from '../../../src/cli/lib/simulate/traffic.ts';
import { UNREAD_ATTACKS } from '../cost/attacks.ts';
import { recordData } from '../cost/shape.ts';
import { type Fault, HEALTHY, type Services } from './fault.ts';
import { startStubServices } from './stub-services.ts';

const MAX_ROWS = 3;

/** Each attack with as many records as it is about, at most three. */
const attacks: readonly Fault[] = UNREAD_ATTACKS.map((shape) => ({
  name: `hostile: ${shape.name}`,
  outcomes: HEALTHY,
  metric: 'EventsCoreDns',
  stream: { bufferBytes: 4_000_000 },
  records: function* (traffic) {
    const data = recordData(shape);
    for (let i = 0; i < Math.min(MAX_ROWS, shape.records); i++) yield traffic.opaque(() => data);
  },
}));

const dns = (): Draft => ({
  isDns: true,
  message: (marker) =>
    `[INFO] 10.0.0.1:4000 - 1 "A IN ${marker}.example.com. udp 40 false 512" NOERROR qr,rd,ra 80 0.0001s`,
});

const NAMES = Array.from({ length: 64 }, (_, i) => `a${i}`);

/** A directory of one pod with all annotations that Kubernetes allows. */
function largePod(): Services {
  const folder = mkdtempSync(join(tmpdir(), 'faults-'));
  const file = join(folder, 'directory.json');
  const annotations = Object.fromEntries(NAMES.map((name) => [name, '"'.repeat(4000)]));
  const pod = { cluster: 'shop', namespace: 'shop', name: 'cart-0', ips: ['10.0.0.1'], annotations };
  const startTime = '2020-01-01T00:00:00Z';
  writeFileSync(file, JSON.stringify({ clusters: [{ name: 'shop' }], pods: [{ ...pod, startTime }] }));
  return {
    env: { DIRECTORY_FILE: file, POD_ANNOTATIONS: NAMES.join() },
    close: async () => rmSync(folder, { recursive: true, force: true }),
  };
}

const metadata = (name: string, metric: string, questions: number, records: number): Fault => ({
  name,
  outcomes: HEALTHY,
  metric,
  services: async () => largePod(),
  stream: { bufferBytes: 4_000_000 },
  records: function* (traffic) {
    for (let i = 0; i < records; i++) yield traffic.envelope(Array.from({ length: questions }, dns));
  },
});

/** All faults of this file. */
export const COST_FAULTS: readonly Fault[] = [
  ...attacks,
  metadata('a pod with 256 KiB of annotations asks 1,000 questions', 'RecordsDegraded', 1000, 1),
  metadata('such a pod asks 100 questions in each of 50 records', 'EventsTruncated', 100, 50),
  {
    name: 'killed while it works on a batch, each first time',
    outcomes: ['passedThrough'],
    metric: 'PoisonBatches',
    env: { LOOKUP_BUDGET_MS: '60000' },
    // It waits for the cluster until it is killed.
    stream: { killAfterMs: (invocation) => (invocation % 2 === 0 ? 5000 : undefined) },
    async services() {
      const services = await startStubServices();
      services.kubernetes.answerWith(() => 'hang');
      return services;
    },
  },
];
