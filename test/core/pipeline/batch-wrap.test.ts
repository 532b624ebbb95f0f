// WRAP over whole batches: records of DNS lines that came without CloudWatch.
import { gunzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import type { QuestionCategory, Settings } from '../../../src/core/model/settings.ts';
import { resolverRecord } from '../../support/resolver-record.ts';
import { APPLICATION, envelopeOf, query, runBatch } from '../../support/run-batch.ts';

const WRAP: Partial<Settings> = { wrap: '/dns/direct' };

const run = (text: string, settings: Partial<Settings> = {}) =>
  runBatch([Buffer.from(text)], { settings: { ...WRAP, ...settings } });

const envelopeIn = (data: Buffer | undefined) => JSON.parse(gunzipSync(data ?? Buffer.alloc(0)).toString());

const inContainer = (log: string, container_name: string): string =>
  JSON.stringify({
    time: '2026-11-20T10:01:20.002Z',
    log,
    kubernetes: { pod_name: 'coredns-1', namespace_name: 'kube-system', container_name, host: 'n' },
  });

describe('a record of nothing but DNS lines', () => {
  it('leaves in an envelope of the form of CloudWatch', async () => {
    const { outcomes, summary } = await run(`${query('a.example')}\n${query('b.example')}\n`);
    const { logEvents, ...head } = envelopeIn(outcomes[0]?.data);
    expect(head).toEqual({
      messageType: 'DATA_MESSAGE',
      owner: '111122223333',
      logGroup: '/dns/direct',
      logStream: 'coredns',
      subscriptionFilters: ['eks-dns-firehose'],
    });
    expect(logEvents).toHaveLength(2);
    for (const { id, timestamp, message } of logEvents) {
      const record = JSON.parse(message);
      expect(id).toMatch(/^\d{56}$/);
      expect(timestamp).toBe(Date.parse(record.timestamp));
      expect(record).toMatchObject({ 'aws.log_group': '/dns/direct', 'dns.client.attribution': 'none' });
    }
    expect(logEvents[0].id).not.toBe(logEvents[1].id);
    expect(summary.normalisedBySource.coredns).toBe(2);
  });

  it('has the same bytes again', async () => {
    const [first, second] = [await run(query('a.example')), await run(query('a.example'))];
    expect(second.response).toEqual(first.response);
  });

  it.each([
    ['the account of its Resolver record', [resolverRecord({ account_id: '444455556666' })], '444455556666'],
    [
      'the account of the stream, where records name several',
      [resolverRecord({ account_id: '444455556666' }), resolverRecord({ account_id: '777788889999' })],
      '111122223333',
    ],
    [
      'the account of the stream, where a record names none',
      [resolverRecord({ account_id: 'é"' })],
      '111122223333',
    ],
  ])('belongs to %s', async (_, lines, owner) => {
    const { outcomes } = await run(lines.join('\n'));
    expect(envelopeIn(outcomes[0]?.data)).toMatchObject({ owner, logStream: 'aws.vpcdnsquerylogs' });
  });

  it('keeps what the log shipper says, and proves nothing by it', async () => {
    const { outcomes } = await run(inContainer(query('a.example'), 'coredns'));
    const [event] = envelopeIn(outcomes[0]?.data).logEvents;
    expect(JSON.parse(event.message)).toMatchObject({
      timestamp: '2026-11-20T10:01:20.002Z',
      'dns.resolver.pod': 'coredns-1',
    });
    expect(event.message).not.toContain('exact');
  });

  it('is dropped where every line is', async () => {
    const drop = new Set<QuestionCategory>(['external']);
    const { outcomes } = await run(`${query('a.example')}\n`, { drop });
    expect(outcomes[0]?.result).toBe('Dropped');
    const mixed = await run(`${query('a.example')}\n${query('web.shop.svc.cluster.local')}`, { drop });
    expect(envelopeIn(mixed.outcomes[0]?.data).logEvents).toHaveLength(1);
  });

  it('shares records with others', async () => {
    const lines = [query('a.example'), query('a.example').replace('"A IN', '"AAAA IN')];
    const { outcomes } = await runBatch(
      lines.map((line) => Buffer.from(line)),
      {
        settings: { ...WRAP, aggregate: new Set(['lookup'] as const) },
      },
    );
    expect(outcomes.map(({ result }) => result)).toEqual(['Ok', 'Dropped']);
    expect(envelopeIn(outcomes[0]?.data).logEvents[0].message).toContain('"dns.query.count":2');
  });

  it('goes back as its original where it would become too large', async () => {
    const { outcomes } = await runBatch([Buffer.from(query('a.example'))], {
      settings: WRAP,
      limits: { recordBytes: 300 },
    });
    expect(outcomes[0]?.isUnchanged).toBe(true);
  });
});

describe('any other record is written as without the setting', () => {
  it.each([
    ['a line that is not DNS', `${query('a.example')}\n${APPLICATION}`],
    ['a line of another container', `${query('a.example')}\n${inContainer(query('b.example'), 'web')}`],
    ['no DNS line', APPLICATION],
    ['nothing', ''],
    ['blank lines', '\n \n'],
    ['an envelope', envelopeOf([query('a.example')]).toString()],
  ])('%s', async (_, text) => {
    const [wrapped, plain] = [await run(text), await run(text, { wrap: undefined })];
    expect(wrapped.response).toEqual(plain.response);
  });

  it('a line of a byte that is a blank in another encoding', async () => {
    const data = Buffer.from(`${query('a.example')}\n\u00a0\n${query('b.example')}`, 'latin1');
    const { outcomes } = await runBatch([data], { settings: WRAP });
    expect(outcomes[0]?.data?.toString('latin1')).toMatch(/^\{.*\}\n\u00a0\n\{.*\}$/);
  });
});
