// DROP and SAMPLE over whole batches.
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import type { QuestionCategory, Settings } from '../../../src/core/model/settings.ts';
import { createSummary } from '../../../src/core/model/summary.ts';
import { resolverRecord } from '../../support/resolver-record.ts';
import { APPLICATION, envelopeOf, query, runBatch } from '../../support/run-batch.ts';

describe('DROP and SAMPLE', () => {
  const drop = (...names: QuestionCategory[]): Partial<Settings> => ({ drop: new Set(names) });
  const sampleNone: Partial<Settings> = { sample: new Map([['external', 0]]) };
  const CLUSTER = 'web.shop.svc.cluster.local';

  it('count what they remove by category', async () => {
    const events = [query('a.example'), query(CLUSTER), query(CLUSTER), APPLICATION];
    const { outcomes, summary } = await runBatch([envelopeOf(events)], {
      settings: { ...drop('cluster'), ...sampleNone },
    });
    expect(summary.droppedByCategory).toEqual({ ...createSummary().droppedByCategory, cluster: 2 });
    expect(summary.sampledOutByCategory).toEqual({ ...createSummary().sampledOutByCategory, external: 1 });
    expect([summary.eventsIn, summary.normalisedBySource.coredns, summary.passedThrough]).toEqual([4, 0, 1]);
    const { logEvents } = JSON.parse(outcomes[0]?.data.toString() ?? '');
    expect(logEvents).toMatchObject([{ id: '3', message: APPLICATION }]);
  });

  it.each([
    ['one event', [query('a.example')], 'Dropped'],
    ['two events', [query('a.example'), query('b.example')], 'Dropped'],
    ['an event and another line', [query('a.example'), APPLICATION], 'Ok'],
  ])('drop a record of which nothing is left: %s', async (_, events, result) => {
    for (const record of [envelopeOf(events), gzipSync(envelopeOf(events)), Buffer.from(events.join('\n'))]) {
      const { outcomes } = await runBatch([record], { settings: drop('external') });
      expect(outcomes[0]?.result).toBe(result);
    }
  });

  it.each([
    ['nothing but line breaks', `${query('a.example')}\n\n`, 'Dropped'],
    ['a space', `${query('a.example')}\n `, 'Ok'],
    ['a vertical tab', `${query('a.example')}\n\v`, 'Ok'],
  ])('leave of a text %s', async (_, text, result) => {
    const { outcomes } = await runBatch([Buffer.from(text)], { settings: drop('external') });
    expect(outcomes[0]?.result).toBe(result);
  });

  it.each([
    ['an error', query('a.example', 'SERVFAIL')],
    ['a warning', query('a.example', 'REFUSED')],
    ['a signal of its name', query('xn--caf-dma.example')],
    [
      'a signal of its answer',
      resolverRecord({ answers: [{ Rdata: '"odd words"', Type: 'TXT', Class: 'IN' }] }),
    ],
  ])('never remove %s', async (_, message) => {
    const { summary } = await runBatch([envelopeOf([message])], {
      settings: { ...drop('external'), ...sampleNone },
    });
    expect([summary.recordsByResult.Ok, summary.eventsIn]).toEqual([1, 1]);
    expect(Object.values(summary.normalisedBySource).reduce((sum, count) => sum + count, 0)).toBe(1);
  });

  it('take the id of the record and the number of the line where a line has no id', async () => {
    const lines = Array.from({ length: 200 }, () => query('a.example')).join('\n');
    const settings: Partial<Settings> = { sample: new Map([['external', 0.5]]) };
    const kept = (await runBatch([Buffer.from(lines), Buffer.from(lines)], { settings })).outcomes.map(
      ({ data }) => data.toString().split('\n').length,
    );
    for (const count of kept) expect(count).toBeGreaterThan(60);
    for (const count of kept) expect(count).toBeLessThan(140);
    expect(kept[0]).not.toBe(kept[1]);
  });
});
