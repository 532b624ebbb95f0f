// A line of CoreDNS says the same, whatever tools have put before and behind it.
import { expect, it } from '@jest/globals';
import fc from 'fast-check';
import { compileFormat } from '../../src/core/sources/coredns/format.ts';
import { anyFormat, anyQuery } from '../support/coredns-arbitraries.ts';
import { RUNS, TIME_LIMIT_MS } from '../support/fuzz.ts';
import { factsOf, parseCoreDns } from '../support/parse-coredns.ts';
import { quoteFormat, RENDER_COMBINED, RENDER_COMMON, renderCoreDns } from '../support/render-coredns.ts';

const STAMP = '2024-05-06T07:08:09.123456789Z';
const before = fc.constantFrom(
  '',
  ' ',
  `${STAMP} `,
  `${STAMP} ${STAMP} `,
  '2018/11/21 06:48:52 ',
  'Feb  3 04:05:06 node-7 coredns[77]: ',
  `${STAMP} node-7 coredns: `,
  '<30>1 2024-02-03T04:05:06Z node-7 coredns 77 - - ',
  '[pod/coredns-5c7b9-x2z4k/coredns] ',
  `[pod/coredns-5c7b9-x2z4k/coredns] ${STAMP} `,
);
const behind = fc.constantFrom('', ' ', '  ', '\t', ' \r');
const wrap = fc.constantFrom<(text: string) => string>(
  (text) => text,
  (log) => JSON.stringify({ log: `${log}\n`, stream: 'stdout' }),
  (message) => JSON.stringify({ '@timestamp': STAMP, message }),
  (text) => (text.startsWith('2') ? text : `${STAMP} stdout F ${text}`),
);
const FREE_TEXT = /\{\/(?:kubernetes\/parse-error|geoip\/city\/name|other\/label)\}/;
const PRODUCER = { producer: undefined };

it(
  'in a default format',
  () => {
    const format = fc.constantFrom(RENDER_COMMON, RENDER_COMBINED);
    fc.assert(
      fc.property(
        ...([format, anyQuery, before, behind, wrap, fc.option(anyQuery, { nil: undefined })] as const),
        (common, query, prefix, blanks, wrapped, next) => {
          const line = `[INFO] ${renderCoreDns(common, query)}`;
          const more = next === undefined ? '' : `\n${prefix}[INFO] ${renderCoreDns(common, next)}`;
          const expected = factsOf(parseCoreDns(line));
          const facts = factsOf(parseCoreDns(wrapped(prefix + line + blanks + more)));
          expect({ ...facts, ...PRODUCER }).toEqual({
            ...expected,
            ...PRODUCER,
            ...(next === undefined ? {} : { isFirstOfSeveral: true }),
          });
        },
      ),
      RUNS,
    );
  },
  TIME_LIMIT_MS,
);

it(
  'in any FORMAT, with blanks at its ends that may be lost',
  () => {
    const edge = fc.constantFrom('', ' ', '  ', '\t');
    fc.assert(
      fc.property(anyFormat, anyQuery, edge, edge, fc.nat(3), (format, query, left, right, lost) => {
        fc.pre(compileFormat(quoteFormat(format)).ok);
        // Where a value may hold blanks itself, nobody can tell them from those that were lost.
        fc.pre(lost === 0 || !FREE_TEXT.test(format));
        const plain = parseCoreDns(`[INFO] ${renderCoreDns(format, query)}`, {
          formats: [quoteFormat(format)],
        });
        fc.pre(plain !== undefined);
        const withEdges = left + format + right;
        const printed = renderCoreDns(withEdges, query);
        const token = quoteFormat((lost & 1) === 0 ? withEdges : withEdges.trim());
        const text = (lost & 2) === 0 ? printed : printed.trimEnd();
        const event = parseCoreDns(`[INFO] ${text}`, { formats: [token] });
        expect(factsOf(event)).toEqual(factsOf(plain));
      }),
      // Each run compiles two FORMATs.
      { ...RUNS, numRuns: Math.ceil(RUNS.numRuns / 4) },
    );
  },
  TIME_LIMIT_MS,
);
