import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { ADVERSARIAL_LINES, timeOfLine } from '../../../../scripts/bench/adversarial.ts';
import { parseCoreDns } from '../../../support/parse-coredns.ts';

/** At this size quadratic time takes minutes, linear time milliseconds. */
const SIZE = 1 << 19;
const LIMIT_MS = 10_000;

it.each(ADVERSARIAL_LINES)('reads half a megabyte in linear time: $name', ({ make }) => {
  const line = make(SIZE);
  // CPU time of this process: other load on the machine does not count.
  const before = process.cpuUsage();
  timeOfLine(line, 1);
  const { user, system } = process.cpuUsage(before);
  expect((user + system) / 1000).toBeLessThan(LIMIT_MS);
});

const LINES = [
  '[INFO] [fe80::1%eth0]:51001 - 77 "A IN a\\ b\\".example. udp 30 false 512" NOERROR qr,rd,ra 70 0.000002s "0"',
  '2018-11-02T10:09:08.7Z [INFO] 10.0.7.21:51001 - [02/Nov/2018:10:09:08 +0000] 77 "NSAP-PTR CH a. tcp 30 true 512" - - 0 1m2s',
  '[ERROR] plugin/errors: 2 a.example. AAAA: read udp 10.0.7.4:33012->10.0.0.2:53: i/o timeout',
  "[WARNING] plugin/errors: 7 errors like '^x$' occurred in last 1m30s",
  '[FATAL] plugin/loop: Loop (127.0.0.1:1 -> :53) detected for zone ".", see x. Query: "HINFO 1.2."',
  '[INFO] {"qname":"a\\ b.","qtype":"A","proto":"udp","rcode":NOERROR,"rflags":qr,rd,"duration":0.1s}',
];

describe('damaged lines', () => {
  const wrapped = LINES.map((log) =>
    JSON.stringify({ time: '2024-03-05T06:07:08Z', log, kubernetes: { host: 'n' } }),
  );
  const cri = LINES.map((line) => `2024-03-05T06:07:08.1Z stdout F ${line}`);
  const damage = fc.tuple(
    fc.nat(),
    fc.nat({ max: 6 }),
    fc.string({ unit: fc.constantFrom(...' "\\.{}:,-[]0aé'), maxLength: 3 }),
  );
  const damaged = fc
    .tuple(fc.constantFrom(...LINES, ...wrapped, ...cri), fc.array(damage, { minLength: 1, maxLength: 4 }))
    .map(([line, steps]) =>
      steps.reduce((text, [at, gone, inserted]) => {
        const start = at % (text.length + 1);
        return text.slice(0, start) + inserted + text.slice(start + gone);
      }, line),
    );

  it('never throw, and are read as a query with name and type, as an error, or not at all', () => {
    let read = 0;
    fc.assert(
      fc.property(damaged, (line) => {
        const event = parseCoreDns(line, { formats: ['{type} {name}', '{name}\t{/a}'] });
        if (event === undefined) return;
        read++;
        expect(event.isError || event.name !== undefined).toBe(true);
        expect([event.type, event.responseCode, event.clientIp]).not.toContain('-');
        // `-.` is a valid name.
        expect(event.name !== '-' || line.includes('-.')).toBe(true);
        expect(Number.isFinite(event.timeMs)).toBe(true);
        const numbers = [event.clientPort, event.durationNs, event.responseBytes];
        expect(numbers.filter((value) => value !== undefined && !Number.isFinite(value))).toEqual([]);
      }),
      { numRuns: 3000 },
    );
    expect(read).toBeGreaterThan(300);
  });
});
