// Asks a real CoreDNS random questions of known truth, and compares each record with it.
import { describe, expect, it } from '@jest/globals';
import { freePort } from '../../scripts/tools/server-process.ts';
import { COMBINED, COMMON } from '../../src/core/sources/coredns/template.ts';
import { BINARIES, FULL } from './support/binaries.ts';
import { openClient } from './support/dns.ts';
import { RCODES, randomNumbers, randomQuestion, type Truth, truthOf } from './support/questions.ts';
import { recordsOf } from './support/records.ts';
import { type CoreDns, startCoreDns } from './support/server.ts';

const QUESTIONS = Number(process.env.COREDNS_QUESTIONS ?? (FULL ? 10_000 : 500));
const SEED = Number(process.env.COREDNS_SEED ?? 1);

/** Questions on their way at a time. */
const PARALLEL = 64;

type Style = {
  readonly name: string;
  readonly log: string;
  readonly format: string;
  readonly args?: readonly string[];
};

const quote = (format: string): string => `"${format.replaceAll('"', '\\"')}"`;
const own = (name: string, format: string): Style => ({ name, log: `log . ${quote(format)}`, format });

const JSON_FORMAT =
  '{"id":{>id},"client":"{remote}","port":{port},"name":"{name}","type":"{type}","class":"{class}","protocol":"{proto}","size":{size},"do":{>do},"bufsize":{>bufsize},"rcode":"{rcode}","flags":"{>rflags}","rsize":{rsize},"duration":"{duration}"}';

const STYLES: readonly Style[] = [
  { name: 'the default format', log: 'log', format: COMMON },
  {
    name: 'native JSON',
    log: 'log',
    // It has no header flags.
    format: COMBINED.replace('{>rflags}', ''),
    args: ['-log-format', 'json'],
  },
  own('combined and metadata', '{combined} {/log/type} {/forward/upstream}'),
  own(
    'tabs',
    '{remote}\t{port}\t{>id}\t{type}\t{class}\t{name}\t{proto}\t{rcode}\t{>rflags}\t{rsize}\t{duration}\t{size}\t{>do}\t{>bufsize}',
  ),
  own('JSON-shaped', JSON_FORMAT),
  own(
    'key and value',
    'id={>id} client={remote}#{port} q={type} {class} "{name}" via {proto} -> {rcode} [{>rflags}] {rsize}/{size} in {duration}',
  ),
  own('name first', '{name} {type} {class} {rcode} {remote} {>id} {duration}'),
];

const corefile = (log: string): string => `.:{$PORT} {
    bind 127.0.0.1
    ${log}
    metadata
    chaos suite nobody@example.org
${RCODES.map((rcode) => `    template ANY ANY ${rcode.toLowerCase()}.test {\n        rcode ${rcode}\n    }\n`).join('')}    template ANY ANY . {
        rcode NOERROR
    }
}
`;

describe.each(BINARIES)('CoreDNS $version', ({ path, version }) => {
  it.each(STYLES)('$name: each record is right', async ({ log, format, args = [] }) => {
    const port = await freePort();
    const start = await startCoreDns(path, corefile(log), { environment: { PORT: String(port) }, args });
    if (!('server' in start)) {
      // Versions before native JSON do not know the flag.
      expect(start.refusal).toContain('flag provided but not defined: -log-format');
      return;
    }
    try {
      const truths = await askAll(start.server, { port, version, isJson: args.length > 0 });
      const settings = format === COMMON || args.length > 0 ? [] : [format];
      const records = await recordsOf(start.server.lines(), settings);
      const byId = new Map(records.map((record) => [record['dns.id'], record]));
      const wrong: unknown[] = [];
      for (const [id, truth] of truths) {
        const expected = Object.assign(
          {},
          ...Object.entries(truth).map(([label, fields]) => (format.includes(label) ? fields : {})),
        );
        const record = byId.get(String(id)) ?? {};
        const names = Object.keys(expected).filter((name) => record[name] !== expected[name]);
        if (names.length > 0)
          wrong.push(
            names.map((name) => ({
              name,
              expected: expected[name],
              got: record[name],
              content: record.content,
            })),
          );
      }
      expect({ version, asked: truths.size, wrong: wrong.slice(0, 5), count: wrong.length }).toEqual({
        version,
        asked: QUESTIONS,
        wrong: [],
        count: 0,
      });
    } finally {
      await start.server.stop();
    }
  });
});

/** Asks all questions and waits until each is logged; the id of a question is its number. */
async function askAll(
  server: CoreDns,
  { port, version, isJson }: { readonly port: number; readonly version: string; readonly isJson: boolean },
): Promise<ReadonlyMap<number, Truth>> {
  const next = randomNumbers(SEED);
  const client = await openClient('127.0.0.1', { address: '127.0.0.1', port });
  const truths = new Map<number, Truth>();
  let id = 0;
  const work = async (): Promise<void> => {
    while (id < QUESTIONS) {
      id += 1;
      const question = randomQuestion(next, id);
      truths.set(question.id, truthOf(question, await client.ask(question), version));
    }
  };
  await Promise.all(Array.from({ length: PARALLEL }, work));
  client.close();
  // CoreDNS may log after it responds.
  const isQuery = (line: string): boolean =>
    isJson ? line.includes('"plugin":"log"') : line.startsWith('[INFO] ');
  await server.printed(() => server.lines().filter(isQuery).length >= QUESTIONS);
  return truths;
}
