// Each threshold of a signal, met exactly and missed by one.
import { expect, it } from '@jest/globals';
import { domainInfo } from '../../../src/core/question/domain.ts';
import { eventSignals, nameSignals, THRESHOLDS } from '../../../src/core/question/signals.ts';
import { corednsEvent } from '../../support/dns-event.ts';

const EXAMPLE = domainInfo('www.example.com');
const raised = (name: string) => nameSignals(name, domainInfo(name));

it('has the thresholds that the tests below stand for', () => {
  expect(THRESHOLDS).toEqual({
    longNameSymbols: 90,
    deepNameLabels: 9,
    hexLabelDigits: 34,
    hexNameDigits: 65,
    entropyBits: 4.3,
    entropySymbols: 30,
    encodedSymbols: 44,
    encodedDigitRuns: 2,
  });
});

const WORDS = 'aaaaaaa-'.repeat(20);
const HEX = 'abcdef01'.repeat(8);
/** 30 symbols, no two alike: 4.9 bits each. */
const DISTINCT = 'zyxwvutsrqponmlkjihgfedcba0123';
/** 20 symbols, each of them twice: 4.32 bits. Of 19 symbols each has 4.25. */
const ABOVE = 'ghijklmnopqrstuvwxyz'.repeat(2);
const BELOW = 'ghijklmnopqrstuvwxy'.repeat(2);

it.each([
  ['90 symbols', `${WORDS.slice(0, 50)}.${WORDS.slice(0, 40)}`, ['long-name']],
  ['89 symbols', `${WORDS.slice(0, 50)}.${WORDS.slice(0, 39)}`, []],
  ['9 labels', 'a.b.c.d.e.f.g.h.i', ['deep-name']],
  ['8 labels', 'a.b.c.d.e.f.g.h', []],
  ['34 digits in a label', HEX.slice(0, 34), ['hex-label']],
  ['33 digits in a label', HEX.slice(0, 33), []],
  ['65 digits in two labels', `${HEX.slice(0, 33)}.${HEX.slice(0, 32)}`, ['hex-label']],
  ['64 digits in two labels', `${HEX.slice(0, 32)}.${HEX.slice(0, 32)}`, []],
  ['30 symbols of data', DISTINCT, ['high-entropy']],
  ['29 symbols of data', DISTINCT.slice(0, 29), []],
  ['4.32 bits per symbol', ABOVE, ['high-entropy']],
  ['4.25 bits per symbol', BELOW, []],
  ['44 symbols with two runs of digits', 'ggggggg7gggggggggggg77gggggggggggggggggggggg', ['high-entropy']],
  ['43 symbols with two runs of digits', 'ggggggg7gggggggggggg77ggggggggggggggggggggg', []],
  ['44 symbols with one run of digits', 'ggggggg7gggggggggggggggggggggggggggggggggggg', []],
  ['44 symbols with one run of digits in each word', 'ggggggg7gggggggg-gggggg7ggggg-gggggg7gggggggggg', []],
  ['44 symbols with digits at the ends of words', 'ggggggggggg77-gggggggggggg77-gggggggggggggggggg7', []],
])('%s', (_, sub, expected) => {
  expect(raised(`${sub}.example.com`)).toEqual(expected);
});

it.each([
  'cymru.com',
  'e5.sk',
  'mcafee.com',
  'msbl.org',
  'sophosxl.net',
  'spamhaus.net',
  'spamhaus.org',
  'surbl.org',
  'trellix.com',
  'uribl.com',
])('%s carries data by design', (domain) => {
  expect(raised(`${HEX.slice(0, 60)}.${domain}`)).toEqual([]);
  expect(raised(`${HEX.slice(0, 60)}.x${domain}`)).toEqual(['hex-label']);
});

it.each([
  ['SPF', 'v=spf1 -all', []],
  ['DMARC', 'v=DMARC1; p=none', []],
  ['DKIM', 'v=DKIM1; k=rsa', []],
  ['MTA-STS', 'v=STSv1; id=1', []],
  ['TLS reports', 'v=TLSRPTv1; rua=x', []],
  ['BIMI', 'v=BIMI1; l=x', []],
  ['a longer version', 'v=spf12', ['txt-answer']],
  ['Microsoft, 12 digits', 'MS=ms123456789012', []],
  ['Microsoft, 13 digits', 'MS=ms1234567890123', ['txt-answer']],
  ['verification, the shortest', 'xverification=y', []],
  ['verification, no name', 'verification=y', ['txt-answer']],
  ['verification, the longest', `${'a'.repeat(40)}verification=${'b'.repeat(100)}`, []],
  ['verification, a longer name', `${'a'.repeat(41)}verification=${'b'.repeat(100)}`, ['txt-answer']],
  ['verification, a longer token', `${'a'.repeat(40)}verification=${'b'.repeat(101)}`, ['txt-answer']],
  ['verification without a token', 'a-verification=', ['txt-answer']],
  ['43 characters', '-'.repeat(43), []],
  ['42 characters', '-'.repeat(42), ['txt-answer']],
  ['44 characters', '-'.repeat(44), ['txt-answer']],
])('text of an answer: %s', (_, text, expected) => {
  for (const data of [text, `"${text}"`]) {
    const event = corednsEvent({ type: 'TXT', answers: [{ data, type: 'TXT' }] });
    expect(eventSignals(event, EXAMPLE, false)).toEqual(expected);
  }
  const address = corednsEvent({ answers: [{ data: text, type: 'A' }] });
  expect(eventSignals(address, EXAMPLE, false)).toEqual([]);
});
