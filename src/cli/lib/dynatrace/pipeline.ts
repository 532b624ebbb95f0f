// The pipeline in the environment and the one of this version: what differs, and how both become one.
import { isObject, type JsonObject } from '../../../core/util/json.ts';
import { plain } from './plain.ts';

/** Recognises our pipeline; fixed, because routes and dashboards of others may name it. */
export const PIPELINE_ID = 'pipeline_eks_dns';

/** Begins the ids of our processors; those of others in our pipeline are kept. */
const OWN_PROCESSOR = 'processor_eks_dns_';
/** Begins the ids of processors that write findings. */
const FINDING_PROCESSOR = `${OWN_PROCESSOR}finding_`;

/** A processor of a stage, as far as it is read here. */
type Processor = JsonObject & { readonly id: string };

/** The processors of a stage; none if it is empty or no stage. */
const processorsOf = (stage: unknown): readonly Processor[] =>
  isObject(stage) && Array.isArray(stage.processors)
    ? stage.processors.filter((one): one is Processor => isObject(one) && typeof one.id === 'string')
    : [];

const isOwn = ({ id }: Processor): boolean => id.startsWith(OWN_PROCESSOR);

/** Names of the stages that hold processors, in these values. */
const stagesOf = (...values: readonly JsonObject[]): readonly string[] => [
  ...new Set(
    values.flatMap((value) => Object.keys(value).filter((name) => processorsOf(value[name]).length > 0)),
  ),
];

/** The matcher of the record processor, which the route shares. */
export function matcherOf(pipeline: JsonObject): string {
  const [first] = processorsOf(pipeline.processing);
  return typeof first?.matcher === 'string' ? first.matcher : '';
}

/** The record processor: the first of the Processing stage of a shipped pipeline. */
export const recordProcessor = (pipeline: JsonObject): JsonObject | undefined =>
  processorsOf(pipeline.processing)[0];

/** Whether our pipeline is that of version 1.0: its processor alone, without a field for the record key. */
export const isFirstVersion = (pipeline: JsonObject): boolean =>
  stagesOf(pipeline).every(
    (name) => name === 'processing' || processorsOf(pipeline[name]).every((one) => !isOwn(one)),
  ) && !JSON.stringify(processorsOf(pipeline.processing).filter(isOwn)).includes('dns.key');

/** Whether a pipeline of others reads our records: one made by hand, or from the file of an earlier version. */
export const readsRecords = (pipeline: JsonObject): boolean =>
  stagesOf(pipeline).some((name) =>
    processorsOf(pipeline[name]).some((one) => JSON.stringify(one).includes(RECORD_MARK)),
  );

/** A field that every record has, and nothing else. */
const RECORD_MARK = 'dns.client.attribution';

/** Whether a pipeline writes findings. */
export const writesFindings = (pipeline: JsonObject): boolean =>
  stagesOf(pipeline).some((name) =>
    processorsOf(pipeline[name]).some(({ id }) => id.startsWith(FINDING_PROCESSOR)),
  );

/** `stage/id` of the processors of others in our pipeline. */
export const foreignProcessors = (pipeline: JsonObject): readonly string[] =>
  stagesOf(pipeline).flatMap((name) =>
    processorsOf(pipeline[name])
      .filter((one) => !isOwn(one))
      .map(({ id }) => plain(`${name}/${id}`)),
  );

/** A shipped pipeline with the stages of another added: those that write findings. */
export function withStages(pipeline: JsonObject, more: JsonObject): JsonObject {
  const stages = stagesOf(more).map((name) => [
    name,
    { processors: [...processorsOf(pipeline[name]), ...processorsOf(more[name])] },
  ]);
  return { ...pipeline, ...Object.fromEntries(stages) };
}

/**
 * The stored pipeline with our processors replaced by those of `wanted`. Processors of others stay in their order and
 * values, and so does everything else that somebody set, such as the name.
 */
export function merged(stored: JsonObject, wanted: JsonObject): JsonObject {
  const stages = stagesOf(stored, wanted).map((name) => {
    const before = processorsOf(stored[name]);
    const own = processorsOf(wanted[name]);
    const others = before.filter((one) => !isOwn(one));
    const ahead = Math.max(before.findIndex(isOwn), 0);
    return [name, { processors: [...others.slice(0, ahead), ...own, ...others.slice(ahead)] }];
  });
  return { ...stored, ...Object.fromEntries(stages) };
}

/** `stage/id` of our processors that are missing, differ, or are no longer part of this version; empty if none. */
export function differences(stored: JsonObject, wanted: JsonObject): readonly string[] {
  const found: string[] = [];
  for (const name of stagesOf(stored, wanted)) {
    const before = processorsOf(stored[name]).filter(isOwn);
    const after = processorsOf(wanted[name]);
    for (const { id } of before) if (!after.some((one) => one.id === id)) found.push(plain(`${name}/${id}`));
    for (const one of after)
      if (!before.some((other) => other.id === one.id && includes(other, one)))
        found.push(plain(`${name}/${one.id}`));
    const ids = before.map(({ id }) => id).join();
    if (found.length === 0 && ids !== after.map(({ id }) => id).join()) found.push(name);
  }
  return found;
}

/**
 * Whether a stored value holds everything of a wanted one. Dynatrace adds defaults, so it may hold more members; the order
 * of lists is not compared, because some of them are sets.
 */
export function includes(stored: unknown, wanted: unknown): boolean {
  if (Array.isArray(wanted)) {
    if (!Array.isArray(stored) || stored.length !== wanted.length) return false;
    const left = [...stored];
    return wanted.every((one) => {
      const at = left.findIndex((other) => includes(other, one));
      if (at >= 0) left.splice(at, 1);
      return at >= 0;
    });
  }
  if (!isObject(wanted)) return stored === wanted;
  return (
    isObject(stored) &&
    Object.entries(wanted).every(
      ([name, value]) => Object.hasOwn(stored, name) && includes(stored[name], value),
    )
  );
}
