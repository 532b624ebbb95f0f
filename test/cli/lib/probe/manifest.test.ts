import { expect, it } from '@jest/globals';
import { mark } from '../../../../src/cli/lib/probe/manifest.ts';
import { recordReader } from '../../../../src/cli/lib/probe/record-of-event.ts';

it('a name is of one probe, and one label below a domain that is nobody’s', () => {
  const names = new Set(Array.from({ length: 100 }, () => mark().name));
  expect(names.size).toBe(100);
  for (const name of names) expect(name).toMatch(/^eks-dns-probe-[0-9a-f]{16}\.example\.com$/);
});

it('its record is as any other: external, without a signal', async () => {
  const read = recordReader(undefined);
  for (let round = 0; round < 200; round += 1) {
    const { name } = mark();
    const message = `[INFO] 10.0.0.5:4000 - 1 "A IN ${name}. udp 60 false 512" NXDOMAIN qr,rd,ra 60 0.0001s`;
    const event = {
      logGroup: '/g',
      logStream: 's',
      timeMs: 1_795_168_860_000,
      ingestedMs: undefined,
      message,
    };
    const record = await read(event);
    expect(record).toMatchObject({ 'dns.question.name': name, 'dns.question.category': 'external' });
    expect(record).not.toHaveProperty(['dns.signals']);
  }
});
