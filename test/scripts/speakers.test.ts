// "Who else speaks": the bench counts what it says it counts, and its lines meet the goals in a short run.
import { describe, expect, it } from '@jest/globals';
import { playSpeakers } from '../../scripts/bench/attribution-speakers.ts';
import { countLine, emptyScore } from '../../scripts/bench/speakers-score.ts';
import { type Expected, ROWS, type SpokenLine } from '../../scripts/bench/speakers-truth.ts';

const TIME = '2026-11-20T11:30:00.000Z';
const lineOf = (expected: Expected, pod?: string): SpokenLine => ({
  row: 'proved',
  message: 'm',
  timestampMs: Date.parse(TIME),
  timeMs: Date.parse(TIME),
  fields: undefined,
  expected,
  pod,
  accountId: '111122223333',
  region: 'eu-west-1',
  cluster: undefined,
  mayNameResolver: false,
});
const recordOf = (attribution: string, pod: string | undefined, more: object = {}) => ({
  timestamp: TIME,
  'log.source': 'coredns',
  'dns.client.attribution': attribution,
  ...(pod !== undefined && { 'k8s.pod.name': pod }),
  ...more,
});

describe('a line', () => {
  it.each<[string, SpokenLine, object | undefined, string | undefined]>([
    ['right', lineOf('exact', 'a'), recordOf('exact', 'a'), undefined],
    ['of the wrong pod', lineOf('exact', 'a'), recordOf('exact', 'b'), 'wrong'],
    ['less certain than before', lineOf('exact', 'a'), recordOf('inferred', 'a'), 'other'],
    ['exact without proof', lineOf('inferred', 'a'), recordOf('exact', 'a'), 'unproved'],
    ['of a pod without one', lineOf('no-pod'), recordOf('inferred', 'b'), 'wrong'],
    ['claimed', lineOf('claim'), recordOf('inferred', 'b'), undefined],
    ['claimed and exact', lineOf('claim'), recordOf('exact', 'b'), 'unproved'],
    ['claimed at a time of its own', lineOf('claim'), recordOf('none', undefined, { timestamp: 0 }), 'wrong'],
    [
      'of another account',
      lineOf('no-pod'),
      recordOf('none', undefined, { 'aws.account.id': '444455556666' }),
      'wrong',
    ],
    ['with a resolver', lineOf('claim'), recordOf('none', undefined, { 'dns.resolver.pod': 'c' }), 'wrong'],
    ['that should pass and names a pod', lineOf('passes'), recordOf('inferred', 'b'), 'wrong'],
    ['that should pass', lineOf('passes'), recordOf('none', undefined), 'other'],
    ['that passes', lineOf('passes'), undefined, undefined],
    ['that passes by mistake', lineOf('exact', 'a'), undefined, 'other'],
  ])('%s', (_, line, record, goal) => {
    expect(countLine(emptyScore(), line, record as Record<string, unknown> | undefined, 'm')?.goal).toBe(
      goal,
    );
  });
});

it('plays every row, with both readings alike', async () => {
  const { scores, faults } = await playSpeakers(6);
  expect([...scores.keys()].sort()).toEqual(Object.keys(ROWS).sort());
  expect(faults).toEqual([]);
});
