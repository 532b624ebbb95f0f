import { describe, expect, it } from '@jest/globals';
import {
  type ClientCacheEntry,
  clearClientCaches,
  clientCacheFor,
  createClientCaches,
  isFull,
  LAST_SECOND,
  NO_SECOND,
  revalidate,
} from '../../../src/core/fast-path/client-cache.ts';
import { type AddressHistory, type Directory, EMPTY_DIRECTORY } from '../../../src/core/model/directory.ts';
import { clusterStub } from '../../support/directory-stub.ts';

const shop = clusterStub('shop');
const bank = clusterStub('bank');
const IP = '10.0.0.1';

const newEntry = (ip = IP) => clientCacheFor(createClientCaches(), 'group', [shop])(ip);

it('has a cache for each cluster, also for those of one name', () => {
  const caches = createClientCaches();
  const twin = clusterStub('shop', { arn: 'arn:aws:eks:us-east-1:444455556666:cluster/shop' });
  const of = (...clusters: readonly (typeof shop)[]) => clientCacheFor(caches, 'vpc', clusters);
  expect(new Set([of(shop), of(twin), of(bank), of(shop, twin), of(twin, twin)]).size).toBe(5);
  expect(of(twin)).toBe(of(twin));
});

describe('revalidate', () => {
  const FRESH = { of: [[shop], IP] } as unknown as AddressHistory;
  const BEFORE = { of: 'before' } as unknown as AddressHistory;
  const directory: Directory = {
    ...EMPTY_DIRECTORY,
    historyOf: (...of) => ({ of }) as unknown as AddressHistory,
  };
  /** An entry that is right from second 11 to 19, as of revision 3 of its owners and revision 7 of the topology. */
  const known = (members: Partial<ClientCacheEntry> = {}): ClientCacheEntry => ({
    ...newEntry(),
    history: BEFORE,
    batch: 1,
    validAfterSec: 10,
    validBeforeSec: 20,
    validity: { revision: 3, lastSync: { syncedMs: 20_000 } },
    revision: 3,
    topologyRevision: 7,
    ...members,
  });
  const revalidated = (members: Partial<ClientCacheEntry> = {}) => {
    const entry = known(members);
    revalidate(entry, directory, [shop], 2, 7);
    return entry;
  };

  it.each([
    ['to the last sync', 30_999, 30],
    ['no less where the last sync is earlier', 15_000, 20],
    ['to the last second that is kept', 1e13, LAST_SECOND],
    ['to the last second that is kept, at most', Number.POSITIVE_INFINITY, LAST_SECOND],
  ])('keeps an interval that is still right: %s', (_, syncedMs, validBeforeSec) => {
    const validity = { revision: 3, lastSync: { syncedMs } };
    expect(revalidated({ validity })).toEqual(known({ validity, validBeforeSec, batch: 2 }));
  });

  it.each([
    [25_999, 25],
    [15_000, 20],
    [Number.POSITIVE_INFINITY, 30],
  ])('keeps an interval to the last sign of life of the node at %d ms', (provedUntilMs, validBeforeSec) => {
    const validity = { revision: 3, lastSync: { syncedMs: 30_000 }, life: { provedUntilMs } };
    expect(revalidated({ validity })).toEqual(known({ validity, validBeforeSec, batch: 2 }));
  });

  it.each([
    ['the owners have another revision', { revision: 2 }],
    ['nodes or instances have another revision', { topologyRevision: 6 }],
    ['the answer stands for one batch', { validity: undefined }],
  ])('empties the interval and looks the owners up again where %s', (_, members) => {
    expect(revalidated(members)).toEqual(
      known({
        ...members,
        history: FRESH,
        batch: 2,
        validity: undefined,
        validAfterSec: NO_SECOND,
        validBeforeSec: NO_SECOND,
      }),
    );
  });

  it('looks a new entry up', () => {
    const entry = newEntry();
    revalidate(entry, directory, [shop], 0, -1);
    expect(entry).toEqual({ ...newEntry(), batch: 0, history: FRESH });
  });
});

describe('the caches', () => {
  it('starts with entries whose interval is empty', () => {
    const entry = newEntry('10.0.0.2');
    expect(entry).toMatchObject({
      ip: '10.0.0.2',
      isLoopback: false,
      client: undefined,
      validity: undefined,
    });
    expect([entry.validAfterSec, entry.validBeforeSec, entry.batch]).toEqual([NO_SECOND, NO_SECOND, -1]);
    expect(['127.0.0.1', '::1'].map((ip) => newEntry(ip).isLoopback)).toEqual([true, true]);
  });

  it('give one entry to each address and clusters', () => {
    const caches = createClientCaches();
    const entry = clientCacheFor(caches, 'group', [shop])(IP);
    expect(clientCacheFor(caches, 'group', [clusterStub('shop')])(IP)).toBe(entry);
    expect(clientCacheFor(caches, 'group', [shop])('10.0.0.2')).not.toBe(entry);
    expect(clientCacheFor(caches, 'group', [bank])(IP)).not.toBe(entry);
    expect(clientCacheFor(caches, 'group', [shop, bank])(IP)).not.toBe(entry);
    expect(clientCacheFor(caches, 'group', [])(IP)).not.toBe(entry);
    expect(clientCacheFor(caches, 'vpc', [shop])(IP)).not.toBe(entry);
    // Five entries; the second call found one.
    expect(caches.created).toBe(6);
  });

  it('are full beyond 65,536 entries, and empty when cleared', () => {
    const caches = createClientCaches();
    const entry = clientCacheFor(caches, 'group', [shop])(IP);
    expect(isFull(caches)).toBe(false);
    caches.created = 65_536;
    expect(isFull(caches)).toBe(false);
    caches.created = 65_537;
    expect(isFull(caches)).toBe(true);
    clearClientCaches(caches);
    expect(isFull(caches)).toBe(false);
    expect(caches.created).toBe(0);
    expect(clientCacheFor(caches, 'group', [shop])(IP)).not.toBe(entry);
  });
});
