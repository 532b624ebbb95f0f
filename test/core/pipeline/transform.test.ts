import { gzipSync } from 'node:zlib';
import { expect, it } from '@jest/globals';
import { createTransform } from '../../../src/core/index.ts';
import { EMPTY_DIRECTORY, NO_HISTORY } from '../../../src/core/model/directory.ts';
import type { DirectorySource } from '../../../src/core/model/ports.ts';
import { DEFAULT_SETTINGS } from '../../../src/core/model/settings.ts';
import type { RecordFailureCode } from '../../../src/core/model/summary.ts';
import { eventOf } from '../../support/batches.ts';

const BUG = new Error('a bug of ours');

/** A directory that fails for one address. */
const directory: DirectorySource = {
  begin: () => ({
    lookup: async () => ({
      ...EMPTY_DIRECTORY,
      historyOf: (_clusters, ip) => {
        if (ip === '10.0.0.1') throw BUG;
        return NO_HISTORY;
      },
    }),
    health: () => [],
  }),
};

const record = (ip: string) => {
  const message = `[INFO] ${ip}:4000 - 1 "A IN example.com. udp 40 false 512" NOERROR qr,rd,ra 80 0.0001s`;
  const logEvents = [{ id: '1', timestamp: 1_795_168_860_000, message }];
  const data = gzipSync(JSON.stringify({ messageType: 'DATA_MESSAGE', logEvents }));
  return { data, shape: 'events' as const, units: [] };
};

it('limits the effect of a bug to the record that meets it', async () => {
  const told: [string, RecordFailureCode, unknown][] = [];
  const transform = createTransform(DEFAULT_SETTINGS, {
    directory,
    now: () => 1_795_168_900_000,
    recordFailed: (...args) => told.push(args as [string, RecordFailureCode, unknown]),
  });
  const event = eventOf([record('10.0.0.2'), record('10.0.0.1'), record('10.0.0.3')]);
  const { response, summary } = await transform(event);
  expect(response.records.map(({ result }) => result)).toEqual(['Ok', 'Ok', 'Ok']);
  expect(response.records[1]?.data).toBe(event.records[1]?.data);
  expect(response.records[2]?.data).not.toBe(event.records[2]?.data);
  expect(told).toEqual([['id-1', 'INTERNAL', BUG]]);
  expect(summary.failuresByCode.INTERNAL).toBe(1);
});
