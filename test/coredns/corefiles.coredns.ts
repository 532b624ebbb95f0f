// Loads every Corefile that the editor writes in a real CoreDNS, and checks what it says about them: which queries are
// logged, that answers stay the same, and that undoing gives the bytes back.
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { freePort } from '../../scripts/tools/server-process.ts';
import { type LogStyle, logsEveryQuery, withLog, withoutEdits } from '../../src/cli/lib/corefile/index.ts';
import { BINARIES, FULL } from './support/binaries.ts';
import { filled, SAMPLES, type Sample } from './support/corefiles.ts';
import { openClient } from './support/dns.ts';
import { startEmptyApi } from './support/kubernetes-api.ts';
import { startCoreDns } from './support/server.ts';

const STYLES: readonly { readonly style: LogStyle; readonly allZones: boolean }[] = [
  { style: { kind: 'plain' }, allZones: true },
  { style: { kind: 'plain' }, allZones: false },
  { style: { kind: 'pod-identity' }, allZones: true },
  { style: { kind: 'format', format: '{name} {rcode} \\ "{remote}" # {>id}' }, allZones: true },
];

let api: Awaited<ReturnType<typeof startEmptyApi>>;
beforeAll(async () => {
  api = await startEmptyApi();
});
afterAll(() => api.stop());

/** Names of each class of response in the zones of a sample. */
const namesOf = ({ zones = ['example.org'] }: Sample): readonly string[] =>
  zones.flatMap((zone) => [`ok.${zone}`, `nx.${zone}`, `fail.${zone}`]);

type Result = { readonly rcodes: readonly number[]; readonly logged: readonly boolean[] };

/** Asks a CoreDNS with this Corefile; the refusal if it does not load. */
async function ask(path: string, corefile: string, sample: Sample, port: number): Promise<Result | string> {
  const environment = Object.fromEntries(
    Object.entries(sample.environment ?? {}).map(([name, value]) => [name, filled(value, port)]),
  );
  const start = await startCoreDns(path, corefile, { environment });
  if (!('server' in start)) return start.refusal;
  const { server } = start;
  const client = await openClient('127.0.0.1', { address: '127.0.0.1', port });
  const names = namesOf(sample);
  const rcodes: number[] = [];
  try {
    // Two rounds, because CoreDNS may log a query after its response.
    for (const [i, name] of [...names, ...names].entries()) {
      const labels = name.split('.').map((label) => [...Buffer.from(label)]);
      const question = { id: i + 1, labels, type: 1, class: 1, opcode: 0, flags: 0x100, edns: undefined };
      rcodes.push((await client.ask({ ...question, transport: 'udp' })).header & 15);
    }
  } finally {
    client.close();
    await server.stop();
  }
  const lines = server.lines().filter((line) => !line.includes('plugin/'));
  return {
    rcodes: rcodes.slice(0, names.length),
    logged: names.map((name) => lines.some((line) => line.includes(`${name}.`))),
  };
}

describe.each(FULL ? BINARIES : BINARIES.slice(0, 1))('CoreDNS $version', ({ path }) => {
  it.each(SAMPLES)('$name', async (sample) => {
    const port = await freePort();
    const source = filled(sample.text, port).replace('API', api.url);
    const before = await ask(path, source, sample, port);
    if (typeof before === 'string') throw new Error(`the sample itself is refused: ${before}`);
    if (logsEveryQuery(source)) expect(before.logged).not.toContain(false);
    for (const { style, allZones } of STYLES) {
      const { after } = withLog(source, style, { allZones });
      expect(withoutEdits(after)).toBe(source);
      const result = await ask(path, after, sample, port);
      expect({ style, allZones, after, result }).toMatchObject({ result: { rcodes: before.rcodes } });
      // A block without plugins refuses, and CoreDNS logs nothing for it.
      const REFUSED = 5;
      const isSilent =
        typeof result !== 'string' &&
        result.logged.some((logged, i) => !logged && result.rcodes[i] !== REFUSED);
      const isClaimed = allZones || logsEveryQuery(after);
      expect({ after, isSilent: isClaimed && isSilent }).toEqual({ after, isSilent: false });
      if (!isSilent) continue;
      expect(logsEveryQuery(after)).toBe(false);
    }
  });
});
