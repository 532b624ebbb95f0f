// The built bundle with `AGGREGATE=lookup` behind a simulated stream: merged events are delivered with the record that
// stands for them.
import { expect, it } from '@jest/globals';
import { bundleUrl } from '../../src/cli/lib/io/bundle.ts';
import { runStream } from '../../src/cli/lib/simulate/index.ts';
import { MIXED } from '../../src/cli/lib/simulate/lines.ts';

it.each([
  ['that fits', '5500000'],
  ['of which records go back as their originals', '100000'],
])('the ledger of a response %s is complete', async (_, RESPONSE_BUDGET_BYTES) => {
  const metrics = new Map<string, number>();
  const { totals, violations } = await runStream({
    bundle: bundleUrl('dist/index.mjs'),
    env: { EC2_LOOKUP: 'off', AGGREGATE: 'lookup', RESPONSE_BUDGET_BYTES },
    records: function* (traffic) {
      for (let i = 0; i < 12; i++) {
        yield traffic.envelope(traffic.drafts([...MIXED, 'lookup', 'lookup'], 150));
        yield traffic.envelope(traffic.drafts(['lookup'], 5), { plain: i % 2 === 0 });
        yield traffic.lines(traffic.drafts(['lookup', 'application'], 10));
      }
    },
    onLine: (line) => {
      if (!line.startsWith('{"_aws"')) return;
      for (const [name, value] of Object.entries(JSON.parse(line) as object))
        if (typeof value === 'number') metrics.set(name, (metrics.get(name) ?? 0) + value);
    },
  });
  expect(violations).toEqual([]);
  expect(totals).toMatchObject({ eventsIn: 1980, lost: 0, dropped: 0, backedUp: 0 });
  expect(metrics.get('EventsMerged')).toBeGreaterThan(300);
  if (RESPONSE_BUDGET_BYTES === '5500000') {
    expect(totals.normalised).toBe(
      (metrics.get('EventsCoreDns') ?? 0) + (metrics.get('EventsResolver') ?? 0),
    );
    expect(metrics.get('RecordsDropped')).toBeGreaterThan(0);
  } else expect(metrics.get('RecordsDegraded')).toBeGreaterThan(0);
});
