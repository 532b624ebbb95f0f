// Pure functions on a destination's ProcessingConfiguration. Firehose replaces that block as a whole, allows one Lambda
// in it, and describes its parameters reordered and with defaults filled in.
// https://docs.aws.amazon.com/firehose/latest/APIReference/API_ProcessingConfiguration.html
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { ProcessingConfiguration, Processor, ProcessorParameter } from '@aws-sdk/client-firehose';
import { EXIT, fail } from '../../terminal.ts';

/** Batch size, interval and retries with which Firehose calls the function. */
export type BufferingHints = {
  readonly bufferMb: string;
  readonly bufferSeconds: string;
  readonly retries: string;
};

/** Small batches, so that a response fits; few retries, for the backup bucket is better than a late log. */
export const DEFAULT_HINTS: BufferingHints = { bufferMb: '0.5', bufferSeconds: '60', retries: '3' };

/** The ARN without version or alias. */
export const unqualified = (arn: string): string => arn.split(':').slice(0, 7).join(':');

const parameter = (processor: Processor, name: string): string | undefined =>
  processor.Parameters?.find(({ ParameterName }) => ParameterName === name)?.ParameterValue;

/** ARN of the Lambda in a configuration, unchanged; undefined if it has none. */
export function lambdaIn(processing: ProcessingConfiguration): string | undefined {
  const lambda = processing.Processors?.find(({ Type }) => Type === 'Lambda');
  return lambda && (parameter(lambda, 'LambdaArn') ?? 'unknown');
}

/** Whether Firehose calls that function. */
export function calls(processing: ProcessingConfiguration, functionArn: string): boolean {
  const lambda = lambdaIn(processing);
  return (
    processing.Enabled === true && lambda !== undefined && unqualified(lambda) === unqualified(functionArn)
  );
}

const isOurs = (functionArn: string) => (processor: Processor) =>
  processor.Type === 'Lambda' &&
  unqualified(parameter(processor, 'LambdaArn') ?? '') === unqualified(functionArn);

function ourProcessor(functionArn: string, hints: BufferingHints): Processor {
  const entries: readonly (readonly [ProcessorParameter['ParameterName'], string])[] = [
    ['LambdaArn', functionArn],
    ['BufferSizeInMBs', hints.bufferMb],
    ['BufferIntervalInSeconds', hints.bufferSeconds],
    ['NumberOfRetries', hints.retries],
  ];
  return {
    Type: 'Lambda',
    Parameters: entries.map(([ParameterName, ParameterValue]) => ({ ParameterName, ParameterValue })),
  };
}

const isSubset = (declared: Processor, live: Processor): boolean =>
  (declared.Parameters ?? []).every(
    ({ ParameterName, ParameterValue }) => parameter(live, ParameterName ?? '') === ParameterValue,
  );

/**
 * The block with our function as the last processor, after those that are enabled; undefined if it is already there.
 * Throws if another function is there: a stream can call only one.
 */
export function attached(
  before: ProcessingConfiguration,
  functionArn: string,
  hints: BufferingHints,
): ProcessingConfiguration | undefined {
  // Processors that are configured but disabled must stay disabled.
  const active = before.Enabled === true ? (before.Processors ?? []) : [];
  const other = active.find((processor) => processor.Type === 'Lambda' && !isOurs(functionArn)(processor));
  if (other !== undefined)
    throw fail(
      `the stream already calls another function: ${parameter(other, 'LambdaArn')}`,
      'Firehose calls one function per stream. Detach that function first, or create a separate stream for DNS logs (template parameter DynatraceUrl)',
      EXIT.refused,
    );
  const ours = ourProcessor(functionArn, hints);
  const live = active.find(isOurs(functionArn));
  if (live !== undefined && isSubset(ours, live)) return undefined;
  return { Enabled: true, Processors: [...active.filter((one) => one !== live), ours] };
}

/**
 * The block without our function: other processors stay; if there are none, the block from before `attach` (`saved`).
 * Undefined if our function is not in the block.
 */
export function detached(
  before: ProcessingConfiguration,
  functionArn: string,
  saved: ProcessingConfiguration | undefined,
): ProcessingConfiguration | undefined {
  const processors = before.Processors ?? [];
  const rest = processors.filter((processor) => !isOurs(functionArn)(processor));
  if (rest.length === processors.length) return undefined;
  if (rest.length > 0) return { Enabled: before.Enabled ?? true, Processors: rest };
  const isLambdaFree = saved !== undefined && lambdaIn(saved) === undefined;
  return isLambdaFree && saved.Enabled !== true ? saved : { Enabled: false, Processors: [] };
}

const TAG = 'eks-dns-firehose-before';
/** Limit of a tag value, characters; the allowed set includes base64. */
const TAG_CHARACTERS = 256;

/** Tags that hold the block. They are stored on the stream itself, so that `detach` works from any machine. */
export function backupTags(
  before: ProcessingConfiguration,
): { readonly Key: string; readonly Value: string }[] {
  const text = deflateRawSync(JSON.stringify(before)).toString('base64');
  const parts = text.match(new RegExp(`.{1,${TAG_CHARACTERS}}`, 'g')) ?? [];
  return parts.map((Value, index) => ({ Key: `${TAG}-${index}`, Value }));
}

/** The keys of those tags among all tag keys of a stream. */
export const backupTagKeys = (keys: readonly string[]): readonly string[] =>
  keys.filter((key) => key.startsWith(`${TAG}-`));

/** The block in those tags; undefined if they are missing or unreadable. */
export function savedBlock(tags: ReadonlyMap<string, string>): ProcessingConfiguration | undefined {
  let text = '';
  for (let index = 0; tags.has(`${TAG}-${index}`); index += 1) text += tags.get(`${TAG}-${index}`);
  if (text === '') return undefined;
  try {
    return JSON.parse(inflateRawSync(Buffer.from(text, 'base64')).toString()) as ProcessingConfiguration;
  } catch {
    return undefined;
  }
}
