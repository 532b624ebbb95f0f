import { createCoreDnsSource } from '../../src/core/sources/coredns/index.ts';
import { createUnwrapper } from '../../src/core/wrapper/index.ts';

/** A line that somebody wrote to cost us time, at any size. */
export type AdversarialLine = { readonly name: string; readonly make: (size: number) => string };

const fill = (text: string, size: number): string =>
  text.repeat(Math.ceil(size / text.length)).slice(0, size);
const query = (name: string, tail = ' udp 30 false 512" NOERROR qr 9 1s'): string =>
  `[INFO] 10.0.0.9:5 - 7 "A IN ${name}${tail}`;

/** Every loop of unwrapping and parsing, each fed with what keeps it going longest. */
export const ADVERSARIAL_LINES: readonly AdversarialLine[] = [
  { name: 'a name of letters', make: (n) => query(`${fill('a', n)}.`) },
  { name: 'a name without its final dot', make: (n) => query(fill('a.b', n)) },
  { name: 'escaped spaces', make: (n) => query(`${fill('\\ ', n)}.`) },
  { name: 'backslashes', make: (n) => query(`${fill('\\', n)} .`) },
  { name: 'escaped quotes', make: (n) => query(`${fill('\\"', n)}.`) },
  { name: 'spaces for a name', make: (n) => query(fill(' ', n)) },
  { name: 'quotes for a name', make: (n) => query(fill('"', n)) },
  { name: 'braces for a name', make: (n) => query(fill('{}', n)) },
  { name: 'Printf noise', make: (n) => query(`${fill('%!s(MISSING', n)}.`) },
  { name: 'an endless tail', make: (n) => query('a.', ` udp 30 false 512" NOERROR qr 9 1s${fill(' x', n)}`) },
  { name: 'endless flags', make: (n) => query('a.', ` udp 30 false 512" NOERROR ${fill('qr,', n)}`) },
  {
    name: 'an endless duration',
    make: (n) => query('a.', ` udp 30 false 512" NOERROR qr 9 ${fill('1', n)}s`),
  },
  { name: 'dashes for a client', make: (n) => `[INFO] ${fill(' - ', n)}. udp ` },
  { name: 'an endless error', make: (n) => `[ERROR] plugin/errors: 2 a. A: ${fill('->: ', n)}` },
  { name: 'an endless summary', make: (n) => `[ERROR] plugin/errors: 2 errors like '${fill("' occur", n)}` },
  { name: 'an endless loop', make: (n) => `[FATAL] plugin/loop: Loop (${fill(', see ', n)}` },
  { name: 'an object of keys', make: (n) => `[INFO] {${fill('"udp":1,', n)}` },
  { name: 'an object of objects', make: (n) => `[INFO] {${fill('"udp":{', n)}` },
  { name: 'an object of commas', make: (n) => `[INFO] {"udp":${fill(', ', n)}` },
  { name: 'brackets', make: (n) => `${fill('{[', n)}. udp ` },
  { name: 'a wrapper cut off', make: (n) => `{"log":"${fill('\\"', n)}. udp ` },
  { name: 'a wrapper of containers', make: (n) => `{${fill('"container_name":"x",', n)}` },
  { name: 'a runtime prefix', make: (n) => `2024-03-05T06:07:08Z stdout F ${fill('. udp ', n)}` },
];

/** Formats that make the compiled machine read every line too. */
const FORMATS = [
  '{name} {type}',
  '{common} {/a}\t{/b}',
  '{"n":"{name}","c":"{/geoip/city/name}","t":"{type}"}',
];

/** Reads a line as the pipeline would, whatever `prefilter` says; gives the time in ms. */
export function timeOfLine(text: string, runs: number): number {
  const source = createCoreDnsSource({ corednsLogFormats: FORMATS, corednsContainers: ['coredns'] });
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < runs; run++) {
    const line = { text, timestampMs: 0, timeIsArrival: false, logStream: undefined };
    const unwrap = createUnwrapper();
    const start = performance.now();
    source.prefilter(text);
    unwrap.mayBePart(text);
    source.parse(line, unwrap(line));
    best = Math.min(best, performance.now() - start);
  }
  return best;
}

const SMALL = 1 << 14;
const LARGE = 1 << 20;

/** How the time for each line grows from 16 KB to 1 MB: by 64 times, if it is proportional to the length. */
export const measureAdversarialLines = () =>
  ADVERSARIAL_LINES.map(({ name, make }) => {
    const smallMs = timeOfLine(make(SMALL), 50);
    const largeMs = timeOfLine(make(LARGE), 5);
    return { name, smallMs, largeMs, growth: largeMs / smallMs / (LARGE / SMALL) };
  });
