import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import { createCounter } from '../../../../src/cli/lib/report/counter.ts';
import { decodeNames } from '../../../../src/cli/lib/report/decode.ts';
import {
  clock,
  megabytes,
  milliseconds,
  percent,
  plural,
  shorten,
  span,
  tileNumber,
  time,
} from '../../../../src/cli/lib/report/format.ts';
import { createLatency } from '../../../../src/cli/lib/report/latency.ts';
import { html } from '../../../../src/cli/lib/report/markup.ts';
import { createTimeline } from '../../../../src/cli/lib/report/timeline.ts';

describe('markup', () => {
  it.each([
    ['<b>', '&lt;b&gt;'],
    ['"\'`&', '&quot;&#39;&#96;&amp;'],
    ['&lt;', '&amp;lt;'],
    ['a\u0000b', 'a⟨U+0000⟩b'],
    ['\u2028', '⟨U+2028⟩'],
    ['\u202egnp.exe', '⟨U+202E⟩gnp.exe'],
    ['\ud800', '⟨U+D800⟩'],
    ['\u{e0041}', '⟨U+E0041⟩'],
    ['grüße 😀', 'grüße 😀'],
  ])('%j is written as %s', (text, expected) => {
    expect(html`<i title="${text}">${text}</i>`.markup).toBe(`<i title="${expected}">${expected}</i>`);
  });

  it('joins lists, nests markup, and leaves out what is not there', () => {
    expect(html`${[1, 2].map((one) => html`<b>${one}</b>`)}${undefined}${false}${html`<i>`}`.markup).toBe(
      '<b>1</b><b>2</b><i>',
    );
  });

  it('never lets a text end a tag, an attribute or a text', () => {
    fc.assert(
      fc.property(
        fc.string({
          unit: fc.oneof(fc.constantFrom(...'<>"\'`&\u2028'), fc.string({ unit: 'binary', maxLength: 1 })),
        }),
        (text) => {
          expect(html`${text}`.markup).not.toMatch(/[<>"'`\p{Cc}\p{Cs}\p{Bidi_Control}]/u);
        },
      ),
    );
  });
});

describe('data in names', () => {
  const hex = (text: string) => Buffer.from(text).toString('hex');
  const base32 = (bytes: Buffer, digits = 'abcdefghijklmnopqrstuvwxyz234567'): string => {
    let bits = '';
    for (const byte of bytes) bits += byte.toString(2).padStart(8, '0');
    return (bits.match(/.{1,5}/g) ?? [])
      .map((five) => digits[Number.parseInt(five.padEnd(5, '0'), 2)])
      .join('');
  };
  const below = (...labels: string[]) => labels.map((label, i) => `${i}.${label}.x.evil.example`);

  it.each<[string, readonly string[], string, string | undefined]>([
    ['hex', below(hex('whoami; '), hex('cat /etc/passwd')), 'hex', 'whoami; cat /etc/passwd'],
    ['hex of lines', below(hex('a,b\r\n1,2\n\u001b[0m!')), 'hex', 'a,b\n1,2\n·[0m!'],
    ['hex of other bytes', below(Buffer.from([0, 255, 1, 254, 2]).toString('hex')), 'hex', undefined],
    ['base32', below(base32(Buffer.from('user=root pass=hunter2'))), 'base32', 'user=root pass=hunter2'],
    [
      'base32hex',
      below(base32(Buffer.from('user=root pass=hunter2'), '0123456789abcdefghijklmnopqrstuv')),
      'base32hex',
      'user=root pass=hunter2',
    ],
    [
      'base64url as asked',
      below(Buffer.from('User=Root;Pass=Hunter2?').toString('base64url')),
      'base64url',
      'User=Root;Pass=Hunter2?',
    ],
    ['UTF-8', below(hex('Grüße, Zoë; ça va')), 'hex', 'Grüße, Zoë; ça va'],
  ])('%s', (_, names, encoding, text) => {
    expect(decodeNames(names, 'evil.example')).toMatchObject({ encoding, text });
  });

  it('joins the labels of a name', () => {
    const data = hex('a whole sentence in two labels');
    expect(decodeNames([`${data.slice(0, 30)}.${data.slice(30)}.evil.example`], 'evil.example')?.text).toBe(
      'a whole sentence in two labels',
    );
  });

  it.each([
    ['words', ['content-delivery.static-assets.example.org']],
    ['base64 in lower case', ['dxnlcj1yb290o3bhc3m9ahvudgvymj8_.example.org']],
    ['short labels', ['ab.cd.example.org']],
    ['no labels', ['example.org', '']],
    ['no names', []],
  ])('%s are no data', (_, names) => {
    expect(decodeNames(names, 'example.org')).toBeUndefined();
  });

  it('is bounded', () => {
    const names = Array.from({ length: 500 }, () => `${hex('x'.repeat(30))}.evil.example`);
    expect(decodeNames(names, 'evil.example')?.bytes).toHaveLength(4096);
  });
});

describe('a counter', () => {
  it('keeps the frequent keys when it is full', () => {
    const counter = createCounter(10);
    for (let i = 0; i < 1000; i++) {
      counter.add(`rare-${i}`, 1);
      counter.add('often', 1);
    }
    expect(counter.top(1)).toEqual([['often', 1000]]);
    expect(counter.size()).toBeLessThanOrEqual(10);
    expect([counter.isCut(), counter.has('often'), counter.has('rare-900')]).toEqual([true, true, false]);
  });
});

describe('a timeline', () => {
  const of = (...times: number[]) => {
    const timeline = createTimeline();
    for (const at of times) timeline.add(at, 'a', 1);
    return timeline;
  };
  const START = Date.UTC(2026, 0, 1);
  it.each([
    [0, 1000, 1],
    [100_000, 1000, 101],
    [3_600_000, 30_000, 121],
    [7 * 86_400_000, 3_600_000, 169],
    [399 * 86_400_000, 604_800_000, 58],
  ])('of %d ms has steps of %d ms', (length, widthMs, buckets) => {
    const timeline = of(START, START + length);
    expect([timeline.widthMs(), timeline.buckets().length]).toEqual([widthMs, buckets]);
    expect(timeline.buckets().reduce((sum, { counts }) => sum + (counts.get('a') ?? 0), 0)).toBe(2);
  });
  it('grows in both directions, and ignores a time that cannot be', () => {
    const timeline = of(START, START - 500_000, START + 500_000, 0);
    expect(timeline.buckets().reduce((sum, { counts }) => sum + (counts.get('a') ?? 0), 0)).toBe(3);
    expect(of().buckets()).toEqual([]);
  });
});

it('percentiles are right within 5 %', () => {
  const latency = createLatency();
  expect(latency.percentileMs(0.5)).toBeUndefined();
  for (let ms = 1; ms <= 1000; ms++) latency.add(ms * 1e6, 1);
  for (const share of [0.5, 0.95, 0.99]) {
    const ms = latency.percentileMs(share) ?? 0;
    expect(Math.abs(ms / (share * 1000) - 1)).toBeLessThan(0.05);
  }
});

it.each([
  [percent(0, 5), '0 %'],
  [percent(1, 0), '0 %'],
  [percent(1, 3), '33 %'],
  [percent(1, 50), '2.0 %'],
  [percent(1, 5000), '< 0.1 %'],
  [tileNumber(99_999), '99,999'],
  [tileNumber(1_234_567), '1.2M'],
  [plural(1, 'query'), '1 query'],
  [plural(2000, 'query'), '2,000 queries'],
  [span(90_000), '1.5 minutes'],
  [span(0), '0 seconds'],
  [span(86_400_000), '1 day'],
  [megabytes(1500), '2 kB'],
  [megabytes(2_345_678), '2.3 MB'],
  [milliseconds(undefined), '–'],
  [milliseconds(0.123), '0.12 ms'],
  [milliseconds(12.3), '12 ms'],
  [time(0), '1970-01-01 00:00:00'],
  [clock(0), '00:00:00'],
  [time(Number.NaN).trim(), ''],
  [shorten('a'.repeat(300), 100).length, 100],
  [shorten('short'), 'short'],
])('prints %j', (printed, expected) => {
  expect(printed).toBe(expected);
});
