// Pure reckoning on a destination's ProcessingConfiguration. Firehose replaces that block as a whole, allows one Lambda
// in it, and describes parameters reordered and with defaults filled in.
// https://docs.aws.amazon.com/firehose/latest/APIReference/API_ProcessingConfiguration.html
import { deflateRawSync, inflateRawSync } from 'node:zlib';
import type { ProcessingConfiguration, Processor, ProcessorParameter } from '@aws-sdk/client-firehose';
import { EXIT, fail } from '../../terminal.ts';

/** How Firehose is to call the function. */
export type Hints = {
  readonly bufferMb: string;
  readonly bufferSeconds: string;
  readonly retries: string;
};

/** The ARN without version or alias. */
export const unqualified = (arn: string): string => arn.split(':').slice(0, 7).join(':');

const parameter = (processor: Processor, name: string): string | undefined =>
  processor.Parameters?.find(({ ParameterName }) => ParameterName === name)?.ParameterValue;

/** ARN of the Lambda in a configuration, as it stands there; undefined when there is none. */
export function lambdaIn(processing: ProcessingConfiguration): string | undefined {
  const lambda = processing.Processors?.find(({ Type }) => Type === 'Lambda');
  return lambda && (parameter(lambda, 'LambdaArn') ?? 'unknown');
}

/** True when Firehose calls that function now. */
export function calls(processing: ProcessingConfiguration, functionArn: string): boolean {
  const lambda = lambdaIn(processing);
  return (
    processing.Enabled === true && lambda !== undefined && unqualified(lambda) === unqualified(functionArn)
  );
}

const isOurs = (functionArn: string) => (processor: Processor) =>
  processor.Type === 'Lambda' &&
  unqualified(parameter(processor, 'LambdaArn') ?? '') === unqualified(functionArn);

function ourProcessor(functionArn: string, hints: Hints): Processor {
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
 * The block with our function called last, after what is switched on already; undefined when it is there already.
 * Refuses when another function is there: a stream has room for one.
 */
export function attached(
  before: ProcessingConfiguration,
  functionArn: string,
  hints: Hints,
): ProcessingConfiguration | undefined {
  // What is configured but switched off must not be switched on by us.
  const active = before.Enabled === true ? (before.Processors ?? []) : [];
  const other = active.find((processor) => processor.Type === 'Lambda' && !isOurs(functionArn)(processor));
  if (other !== undefined)
    throw fail(
      `the stream calls another function already: ${parameter(other, 'LambdaArn')}`,
      'Firehose calls one function per stream. Detach that one first, or send DNS logs through a stream of their own (template parameter DynatraceUrl)',
      EXIT.refused,
    );
  const ours = ourProcessor(functionArn, hints);
  const live = active.find(isOurs(functionArn));
  if (live !== undefined && isSubset(ours, live)) return undefined;
  return { Enabled: true, Processors: [...active.filter((one) => one !== live), ours] };
}

/**
 * The block without our function: what else is on stays on; when nothing is, what `saved` says was there before.
 * Undefined when our function is not in it.
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
/** Tag values hold 256 characters of a set that includes base64's. */
const TAG_CHARACTERS = 256;

/** Tags that keep a block on the stream itself, so that anyone can undo from anywhere. */
export function undoTags(
  before: ProcessingConfiguration,
): { readonly Key: string; readonly Value: string }[] {
  const text = deflateRawSync(JSON.stringify(before)).toString('base64');
  const parts = text.match(new RegExp(`.{1,${TAG_CHARACTERS}}`, 'g')) ?? [];
  return parts.map((Value, index) => ({ Key: `${TAG}-${index}`, Value }));
}

/** Keys of those tags among all of a stream's. */
export const undoKeys = (keys: readonly string[]): readonly string[] =>
  keys.filter((key) => key.startsWith(`${TAG}-`));

/** The block that those tags keep; undefined when there is none that can be read. */
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
