import { createCoreDnsSource } from '../../src/core/sources/coredns/index.ts';
import { createUnwrapper } from '../../src/core/wrapper/index.ts';

/** A hostile line of any size, written to consume CPU time. */
export type AdversarialLine = { readonly name: string; readonly make: (size: number) => string };

const fill = (text: string, size: number): string =>
  text.repeat(Math.ceil(size / text.length)).slice(0, size);
const query = (name: string, tail = ' udp 30 false 512" NOERROR qr 9 1s'): string =>
  `[INFO] 10.0.0.9:5 - 7 "A IN ${name}${tail}`;

/** Lines that maximise the iterations of each loop of unwrapping and parsing. */
export const ADVERSARIAL_LINES: readonly AdversarialLine[] = [
  { name: 'a name of letters', make: (n) => query(`${fill('a', n)}.`) },
  { name: 'a name without its final dot', make: (n) => query(fill('a.b', n)) },
  { name: 'escaped spaces', make: (n) => query(`${fill('\\ ', n)}.`) },
  { name: 'backslashes', make: (n) => query(`${fill('\\', n)} .`) },
  { name: 'escaped quotes', make: (n) => query(`${fill('\\"', n)}.`) },
  { name: 'a name of spaces', make: (n) => query(fill(' ', n)) },
  { name: 'a name of quotes', make: (n) => query(fill('"', n)) },
  { name: 'a name of braces', make: (n) => query(fill('{}', n)) },
  { name: 'Printf errors', make: (n) => query(`${fill('%!s(MISSING', n)}.`) },
  { name: 'a long tail', make: (n) => query('a.', ` udp 30 false 512" NOERROR qr 9 1s${fill(' x', n)}`) },
  { name: 'long flags', make: (n) => query('a.', ` udp 30 false 512" NOERROR ${fill('qr,', n)}`) },
  {
    name: 'a long duration',
    make: (n) => query('a.', ` udp 30 false 512" NOERROR qr 9 ${fill('1', n)}s`),
  },
  { name: 'a client of dashes', make: (n) => `[INFO] ${fill(' - ', n)}. udp ` },
  { name: 'a long error', make: (n) => `[ERROR] plugin/errors: 2 a. A: ${fill('->: ', n)}` },
  { name: 'a long summary', make: (n) => `[ERROR] plugin/errors: 2 errors like '${fill("' occur", n)}` },
  { name: 'a long loop', make: (n) => `[FATAL] plugin/loop: Loop (${fill(', see ', n)}` },
  { name: 'an object of keys', make: (n) => `[INFO] {${fill('"udp":1,', n)}` },
  { name: 'an object of objects', make: (n) => `[INFO] {${fill('"udp":{', n)}` },
  { name: 'an object of commas', make: (n) => `[INFO] {"udp":${fill(', ', n)}` },
  { name: 'brackets', make: (n) => `${fill('{[', n)}. udp ` },
  { name: 'a truncated wrapper', make: (n) => `{"log":"${fill('\\"', n)}. udp ` },
  { name: 'a wrapper of containers', make: (n) => `{${fill('"container_name":"x",', n)}` },
  { name: 'a runtime prefix', make: (n) => `2024-03-05T06:07:08Z stdout F ${fill('. udp ', n)}` },
];

/** Formats with which the compiled automaton reads every line too. */
const FORMATS = [
  '{name} {type}',
  '{common} {/a}\t{/b}',
  '{"n":"{name}","c":"{/geoip/city/name}","t":"{type}"}',
];

/** Reads a line like the pipeline, regardless of the result of `prefilter`; returns the shortest time, ms. */
export function timeOfLine(text: string, runs: number): number {
  const source = createCoreDnsSource({ corednsLogFormats: FORMATS, corednsContainers: ['coredns'] });
  let best = Number.POSITIVE_INFINITY;
  for (let run = 0; run < runs; run++) {
    const line = { text, timestampMs: 0, timeIsArrival: false, logStream: undefined, logGroup: undefined };
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

/** Growth of each line's time from 16 KB to 1 MB; linear time grows by a factor of 64. */
export const measureAdversarialLines = () =>
  ADVERSARIAL_LINES.map(({ name, make }) => {
    const smallMs = timeOfLine(make(SMALL), 50);
    const largeMs = timeOfLine(make(LARGE), 5);
    return { name, smallMs, largeMs, growth: largeMs / smallMs / (LARGE / SMALL) };
  });
