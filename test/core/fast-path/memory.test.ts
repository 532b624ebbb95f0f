// What the caches keep from batch to batch: names of clients, never the lines that contained them.
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, it } from '@jest/globals';
import { EMPTY_CLIENT } from '../../../src/core/attribution/client-of-owner.ts';
import { reuseClient, withSlot } from '../../../src/core/fast-path/cached-client.ts';
import type { Client } from '../../../src/core/model/client.ts';

setFlagsFromString('--expose-gc');
const collectGarbage = runInNewContext('gc') as () => void;

const LINES = 60;
const LINE_BYTES = 1_000_000;

/** A slice of a line of 1 MB, as the readers cut names out of lines. */
const sliceOfLine = (name: string): string =>
  Buffer.alloc(LINE_BYTES, `${name} `).toString('latin1').slice(0, name.length);

/** Heap that the results of `keep` hold, in bytes. */
function heldBytes(keep: (index: number) => unknown): number {
  collectGarbage();
  const before = process.memoryUsage().heapUsed;
  const kept = Array.from({ length: LINES }, (_, i) => keep(i));
  collectGarbage();
  const held = process.memoryUsage().heapUsed - before;
  expect(kept).toHaveLength(LINES);
  return held;
}

const client = (members: Partial<Client>): Client => ({
  ...EMPTY_CLIENT,
  kind: 'pod',
  attribution: 'inferred',
  cluster: undefined,
  ...members,
});

const NAME = 'a-name-longer-than-13';

it('would notice: a slice keeps its line', () => {
  expect(heldBytes((i) => sliceOfLine(`${NAME}-${i}`))).toBeGreaterThan((LINES * LINE_BYTES) / 2);
});

it.each<[string, (client: Client) => unknown, (name: string) => Partial<Client>]>([
  ['namespace', withSlot, (namespace) => ({ namespace })],
  ['pod name', withSlot, (podName) => ({ podName })],
  ['value of a label', withSlot, (value) => ({ loggedLabels: [['app', value]] })],
  ['instance', withSlot, (instanceId) => ({ instanceId })],
  ['instance of an owner', (each) => reuseClient(each, undefined), (instanceId) => ({ instanceId })],
])('a client does not keep the line of its %s', (_, keep, members) => {
  const held = heldBytes((i) => keep(client(members(sliceOfLine(`${NAME}-${i}`)))));
  expect(held).toBeLessThan((LINES * LINE_BYTES) / 4);
});
