// Half a surrogate pair is not text: it leaves as U+FFFD, wherever it came from, in every form of output.
import { gunzipSync } from 'node:zlib';
import { expect, it } from '@jest/globals';
import { createFastPath } from '../../../src/core/fast-path/index.ts';
import { DEFAULT_SETTINGS } from '../../../src/core/model/settings.ts';
import { NO_ACCELERATION } from '../../../src/core/pipeline/acceleration.ts';
import { resolverRecord } from '../../support/resolver-record.ts';
import { envelopeOf, query, runBatch } from '../../support/run-batch.ts';

const HIGH = '\ud83d';
const LOW = '\udca5';
const BOTH = HIGH + LOW;
const FORMAT = '{common}\t{/geoip/city/name}';

const MESSAGES: Readonly<Record<string, string>> = {
  'a name': query(`a${HIGH}.example`),
  'the reason of an error': `[ERROR] plugin/errors: 2 b.example. A: ${LOW} timeout`,
  'the text behind a line': `${query('c.example')} ${HIGH}`,
  metadata: `${query('d.example')}\t${LOW}`,
  'the members of a wrapper': JSON.stringify({
    log: query(`e${LOW}.example`),
    kubernetes: { pod_name: `p${HIGH}`, container_name: 'coredns' },
  }),
  'a Resolver record': resolverRecord({
    query_name: `f${HIGH}.example.`,
    answers: [{ Rdata: `"${LOW}"`, Type: 'TXT', Class: 'IN' }],
    note: `x${HIGH}`,
    nested: { deep: { deeper: { value: LOW, [HIGH]: 1 } } },
  }),
  'a long value': resolverRecord({ note: HIGH.repeat(20_000), other: `${'x'.repeat(31_998)}${BOTH}` }),
};

const LONE = /\\u[dD][89a-fA-F]/;

for (const [name, acceleration] of Object.entries({
  'fast path': createFastPath({ ...DEFAULT_SETTINGS, corednsLogFormats: [FORMAT] }),
  'ordinary steps': NO_ACCELERATION,
})) {
  for (const outputFormat of ['cloudwatch-logs', 'ndjson'] as const) {
    it.each(Object.entries(MESSAGES))(`%s (${outputFormat}, ${name})`, async (_, message) => {
      const settings = { outputFormat, corednsLogFormats: [FORMAT] };
      const members = { logGroup: `/g${HIGH}`, logStream: `s${LOW}` };
      const { outcomes, summary } = await runBatch([envelopeOf([message], members)], {
        settings,
        acceleration,
      });
      expect(summary.passedThrough).toBe(0);
      const data = outcomes[0]?.data ?? Buffer.alloc(0);
      const text = (data[0] === 0x1f ? gunzipSync(data) : data).toString();
      const record = outputFormat === 'ndjson' ? text : JSON.parse(text).logEvents[0].message;
      expect(record).not.toMatch(LONE);
      expect(record.isWellFormed()).toBe(true);
      const parsed: unknown[] = Object.values(JSON.parse(record)).flat();
      expect(parsed.filter((value) => typeof value === 'string' && !value.isWellFormed())).toEqual([]);
      expect(record).toContain('\ufffd');
    });
  }
}

it('leaves whole pairs, and text that only looks like an escape', async () => {
  const text = `${query('g.example')} ${BOTH} \\ud800`;
  const { outcomes } = await runBatch([envelopeOf([text])], { settings: { outputFormat: 'ndjson' } });
  expect(JSON.parse(outcomes[0]?.data.toString() ?? '').content).toBe(text.slice('[INFO] '.length));
});

it('does not leave in an event that is not DNS, where the record is made here', async () => {
  const { outcomes } = await runBatch([envelopeOf([`GET /${HIGH} ${BOTH} é`])], {
    settings: { outputFormat: 'ndjson' },
  });
  expect(JSON.parse(outcomes[0]?.data.toString() ?? '').content).toBe(`GET /\ufffd ${BOTH} é`);
});
