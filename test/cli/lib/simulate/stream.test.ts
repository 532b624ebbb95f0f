import { fileURLToPath } from 'node:url';
import { describe, expect, it } from '@jest/globals';
import type { Reply } from '../../../../src/cli/lib/simulate/endpoint.ts';
import { createFunction } from '../../../../src/cli/lib/simulate/function.ts';
import { createLedger } from '../../../../src/cli/lib/simulate/ledger.ts';
import { createRandom } from '../../../../src/cli/lib/simulate/random.ts';
import { openStream, type StreamOptions } from '../../../../src/cli/lib/simulate/stream.ts';
import { createTraffic } from '../../../../src/cli/lib/simulate/traffic.ts';
import { createJumpingClock } from '../../../support/manual-clock.ts';

const bundle = fileURLToPath(new URL('../../../support/stub-handler.mjs', import.meta.url));

type Options = { timeoutMs?: number; records?: number } & Partial<StreamOptions>;

/** Sends ten plain envelopes of five application lines and one DNS line each through the stub. */
async function run(stub: string, { timeoutMs = 600_000, records = 10, ...options }: Options = {}) {
  const ledger = createLedger();
  const traffic = createTraffic(ledger, createRandom(7));
  const printed: string[] = [];
  const onLine = (line: string) => printed.push(line);
  const lambda = createFunction({ bundle, env: { STUB: stub }, timeoutMs, onLine });
  try {
    const base = {
      lambda,
      ledger,
      bufferBytes: 1_000_000,
      budgetBytes: 5_500_000,
      backoffMs: 1,
      retryForMs: 500,
      deliveryClock: createJumpingClock(),
    };
    const stream = await openStream({ ...base, ...options });
    for (let i = 0; i < records; i++) {
      const drafts = [...traffic.drafts(['application'], 5), ...traffic.drafts(['coredns'], 1)];
      await stream.put(traffic.envelope(drafts, { plain: true }));
    }
    const stats = await stream.close();
    return { totals: ledger.totals(), violations: ledger.violations(), stats, printed };
  } finally {
    await lambda.stop();
  }
}

const ALL = { eventsIn: 60, normalised: 0, passedThrough: 0, dropped: 0, backedUp: 0, lost: 0 };

describe('a function that follows the rules', () => {
  it('every event is delivered once, with one cold start', async () => {
    const { totals, violations, stats } = await run('pass', { bufferBytes: 3000 });
    expect({ totals, violations }).toEqual({ totals: { ...ALL, passedThrough: 60 }, violations: [] });
    expect(stats.coldStarts).toBe(1);
    expect(stats.invocations).toBeGreaterThan(2);
  });
});

describe('a function that violates a rule is detected', () => {
  it.each([
    ['lose', /10 records in, 9 out/, { backedUp: 6, passedThrough: 54 }],
    ['twice', /10 records in, 11 out/, { backedUp: 6, passedThrough: 54 }],
    ['reverse', /out of order/, { passedThrough: 60 }],
    ['unknown-id', /out of order/, { backedUp: 6, passedThrough: 54 }],
    ['bad-base64', /bad base64/, { backedUp: 6, passedThrough: 54 }],
    ['no-data', /without data/, { backedUp: 6, passedThrough: 54 }],
    ['lower-case-result', /result "ok" is unknown/, { backedUp: 6, passedThrough: 54 }],
    ['failed-with-other-data', /without its original data/, { backedUp: 6, passedThrough: 54 }],
    ['drop-without-rule', /dropped without a rule/, { passedThrough: 54, lost: 6 }],
    ['record-too-large', /over the limit of 1024000/, { backedUp: 6, passedThrough: 54 }],
    ['alter-other-log', /not a DNS log and was altered/, undefined],
    ['lose-event', /missing or altered outside its message/, { passedThrough: 50, lost: 10 }],
    ['alter-member', /envelope members were altered/, undefined],
    ['no-list', /not \{"records"/, { backedUp: 60 }],
  ])('%s', async (stub, violation, outcomes) => {
    const { totals, violations } = await run(stub);
    expect(violations.join('\n')).toMatch(violation);
    if (outcomes !== undefined) expect(totals).toEqual({ ...ALL, ...outcomes });
  });

  it('over-budget', async () => {
    const { violations } = await run('over-budget', { records: 5 });
    expect(violations.join('\n')).toMatch(/over the budget of 5500000/);
  });

  it('too-large-for-lambda: the batch is backed up after four attempts', async () => {
    const { totals, stats } = await run('too-large-for-lambda');
    expect(totals).toEqual({ ...ALL, backedUp: 60 });
    expect(stats).toMatchObject({ invocations: 4, functionErrors: 4 });
  });
});

describe('a function that fails', () => {
  it.each([
    ['throw', {}, { backedUp: 60 }, { invocations: 4, coldStarts: 1 }],
    ['throw-first', {}, { passedThrough: 60 }, { invocations: 2, coldStarts: 1 }],
    ['exit', {}, { backedUp: 60 }, { invocations: 4, coldStarts: 4 }],
    ['hang', { timeoutMs: 300 }, { backedUp: 60 }, { invocations: 4, coldStarts: 4 }],
    [
      'pass',
      { killAfterMs: (n: number) => (n < 2 ? 1 : undefined) },
      { passedThrough: 60 },
      { coldStarts: 3 },
    ],
  ])('%s %p', async (stub, options, outcomes, stats) => {
    const result = await run(stub, options);
    expect(result).toMatchObject({ totals: { ...ALL, ...outcomes }, violations: [], stats });
  });
});

describe('an endpoint that fails', () => {
  const first =
    (reply: Reply, times: number) =>
    (request: number): Reply =>
      request < times ? reply : 'accept';

  it.each<[Reply, number, object]>([
    ['throttle', 2, { passedThrough: 60 }],
    ['fail', 2, { passedThrough: 60 }],
    ['wrong-request-id', 1, { passedThrough: 60 }],
    ['html', 1, { passedThrough: 60 }],
    ['hang-up', 1, { passedThrough: 60 }],
    ['fail', 1000, { backedUp: 60 }],
  ])('%s %i times', async (reply, times, outcomes) => {
    const { totals, violations } = await run('pass', { endpoint: { replyTo: first(reply, times) } });
    expect({ totals, violations }).toEqual({ totals: { ...ALL, ...outcomes }, violations: [] });
  });

  it('counts events of a 413 as lost', async () => {
    const { totals, violations } = await run('pass', { endpoint: { maxInflatedBytes: 1000 } });
    expect(totals.lost).toBe(60);
    expect(violations[0]).toMatch(/refused \(413\)/);
  });
});

it('freezes the function between invocations', async () => {
  const { printed } = await run('tick', { bufferBytes: 8000, pauseMs: 300 });
  const [, ...gaps] = printed.map(Number);
  expect(gaps.length).toBeGreaterThan(0);
  // Awake, its timer would have fired every millisecond of the pause. Timers may be a millisecond early.
  for (const gap of gaps) expect(gap).toBeGreaterThan(290);
});
