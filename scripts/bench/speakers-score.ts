// Compares what became of a line with the truth about it.
import type { JsonRecord } from '../../src/cli/lib/io/firehose-response.ts';
import type { SpokenLine } from './speakers-truth.ts';
import { uidOf } from './speakers-world.ts';

/** Counts of a row, lines. */
export type Score = {
  lines: number;
  exact: number;
  inferred: number;
  unnamed: number;
  passed: number;
  /** Claims of unknown writers that name a pod, as `inferred`. */
  claimed: number;
  /** Goals: all 0. */
  wrong: number;
  unproved: number;
  other: number;
};

/** A score without lines. */
export const emptyScore = (): Score => ({
  lines: 0,
  exact: 0,
  inferred: 0,
  unnamed: 0,
  passed: 0,
  claimed: 0,
  wrong: 0,
  unproved: 0,
  other: 0,
});

/** Counts a line whose output is `record`, or `undefined` where it passed through as `message`. Returns its fault, if any. */
export function countLine(
  score: Score,
  line: SpokenLine,
  record: JsonRecord | undefined,
  message: string | undefined,
): Fault | undefined {
  score.lines += 1;
  const fault =
    record === undefined ? faultOfPassed(score, line, message) : faultOfRecord(score, line, record);
  if (fault !== undefined) score[fault.goal] += 1;
  return fault;
}

/** A goal that a line misses, and how. */
export type Fault = { readonly goal: 'wrong' | 'unproved' | 'other'; readonly text: string };

function faultOfPassed(score: Score, line: SpokenLine, message: string | undefined): Fault | undefined {
  score.passed += 1;
  if (message !== line.message) return { goal: 'other', text: 'was changed, but not normalised' };
  const mayPass = line.expected === 'passes' || line.expected === 'claim';
  return mayPass ? undefined : { goal: 'other', text: `passed, expected ${line.expected}` };
}

function faultOfRecord(score: Score, line: SpokenLine, record: JsonRecord): Fault | undefined {
  const attribution = String(record['dns.client.attribution']);
  const pod = record['k8s.pod.name'];
  if (attribution === 'exact' && line.expected !== 'exact')
    return { goal: 'unproved', text: `exact ${pod}, expected ${line.expected}` };
  if (line.expected === 'passes')
    return { goal: pod === undefined ? 'other' : 'wrong', text: `${attribution} ${pod}, expected to pass` };
  if (line.expected === 'claim') {
    if (pod === undefined) score.unnamed += 1;
    else score.claimed += 1;
    return faultOfFacts(line, record);
  }
  if (pod !== undefined && pod !== line.pod)
    return { goal: 'wrong', text: `${attribution} ${pod}, the client is ${line.pod}` };
  if (pod === undefined) score.unnamed += 1;
  else if (attribution === 'exact') score.exact += 1;
  else score.inferred += 1;
  const found = pod === undefined ? 'no-pod' : attribution;
  if (found !== line.expected) return { goal: 'other', text: `${found}, expected ${line.expected}` };
  return faultOfFacts(line, record);
}

/** Faults in what a record says besides the pod: its time, its origin, its cluster, its CoreDNS. */
function faultOfFacts(line: SpokenLine, record: JsonRecord): Fault | undefined {
  const differs = (name: string, expected: string | undefined): boolean =>
    expected !== undefined && record[name] !== undefined && record[name] !== expected;
  for (const [name, expected] of [
    ['aws.account.id', line.accountId],
    ['aws.region', line.region],
    ['k8s.cluster.uid', line.cluster && uidOf(line.cluster.key)],
  ] as const) {
    if (differs(name, expected)) return { goal: 'wrong', text: `${name} ${record[name]}, not ${expected}` };
  }
  // OpenTelemetry's nanoseconds are a floating point number.
  if (Math.abs(Date.parse(String(record.timestamp)) - line.timeMs) > 1)
    return { goal: 'wrong', text: `time ${record.timestamp}, not ${new Date(line.timeMs).toISOString()}` };
  if (!line.mayNameResolver && record['dns.resolver.pod'] !== undefined && record['log.source'] === 'coredns')
    return { goal: 'wrong', text: `dns.resolver.pod ${record['dns.resolver.pod']}` };
  return undefined;
}
