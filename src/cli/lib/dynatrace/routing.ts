// The routes of an environment: one list, in which the first enabled route that matches takes a record. Entries of others
// are passed on as they are, in their order.
import { isObject, type JsonObject } from '../../../core/util/json.ts';
import { EXIT, fail } from '../../terminal.ts';
import { plain } from './plain.ts';

/** Where our route goes: `first`, `last`, or `before:<pipeline>`. */
export type Position = string;

/** A route of the list; members that are not read here are kept. */
type Entry = JsonObject;

/** A pipeline that a route may name: by object id, custom id or display name. */
export type PipelineName = { readonly objectId: string; readonly names: readonly string[] };

/** The list as it is to be, and what that means for the routes of others. */
export type RoutePlan = {
  readonly action: 'keep' | 'create' | 'update' | 'enable' | 'move';
  readonly entries: readonly Entry[];
  /** Our entry, before (undefined if there is none) and after. */
  readonly before: Entry | undefined;
  readonly after: Entry;
  /** Enabled routes of others behind ours: a record that ours takes does not reach them. */
  readonly precedes: readonly string[];
  /** Enabled routes of others ahead of ours: they may take our records. */
  readonly behind: readonly string[];
};

const DESCRIPTION = 'EKS DNS';

/** The routes in the value of a routing object; none if there is no object yet. Throws if it is no list of routes. */
export function entriesOf(value: JsonObject | undefined): readonly Entry[] {
  const entries = value?.routingEntries ?? [];
  // What cannot be read could not be kept either.
  if (!Array.isArray(entries) || !entries.every(isObject))
    throw fail('the routes have a form that is not known');
  return entries;
}

/** Our route: the one to our pipeline; of several, the one with our description. */
export function ownEntry(entries: readonly Entry[], pipelineId: string): Entry | undefined {
  const ours = entries.filter((entry) => entry.pipelineId === pipelineId);
  return ours.find(({ description }) => description === DESCRIPTION) ?? ours[0];
}

/** What the list has to become, so that records with `matcher` reach our pipeline. Throws for an unknown position. */
export function planRoute(
  entries: readonly Entry[],
  pipelineId: string,
  matcher: string,
  position: Position | undefined,
  pipelines: readonly PipelineName[],
): RoutePlan {
  const before = ownEntry(entries, pipelineId);
  const others = entries.filter((entry) => entry !== before);
  const after: Entry = {
    ...(before ?? { description: freeDescription(others) }),
    enabled: true,
    pipelineType: 'custom',
    pipelineId,
    matcher,
  };
  const keptAt = before === undefined ? 0 : entries.indexOf(before);
  const at = position === undefined ? keptAt : indexOf(position, others, pipelines);
  const action =
    before === undefined
      ? 'create'
      : at !== keptAt
        ? 'move'
        : before.enabled === false
          ? 'enable'
          : before.matcher !== matcher
            ? 'update'
            : 'keep';
  return {
    action,
    before,
    after,
    entries: [...others.slice(0, at), after, ...others.slice(at)],
    precedes: enabledOf(others.slice(at)),
    behind: enabledOf(others.slice(0, at)),
  };
}

/** Descriptions of the enabled routes ahead of our route. */
export function routesAhead(entries: readonly Entry[], own: Entry): readonly string[] {
  return enabledOf(entries.slice(0, entries.indexOf(own)));
}

/** A route's description, or what else tells it apart. */
export const nameOf = ({ description, pipelineId }: Entry): string =>
  plain(String(description || pipelineId || 'without a description'));

const enabledOf = (entries: readonly Entry[]): readonly string[] =>
  entries.filter(({ enabled }) => enabled !== false).map(nameOf);

function indexOf(position: Position, others: readonly Entry[], pipelines: readonly PipelineName[]): number {
  if (position === 'first') return 0;
  if (position === 'last') return others.length;
  const wanted = position.replace(/^before:/, '');
  const ids = pipelines.filter(({ names }) => names.includes(wanted)).map(({ objectId }) => objectId);
  const at = others.findIndex(
    ({ pipelineId, builtinPipelineId, description }) =>
      [pipelineId, builtinPipelineId, description].includes(wanted) || ids.includes(String(pipelineId)),
  );
  if (at < 0)
    throw fail(
      `no route leads to a pipeline "${plain(wanted)}"`,
      `routes there are: ${others.map(nameOf).join(', ') || 'none'}`,
      EXIT.usage,
    );
  return at;
}

/** Descriptions are unique among all routes. */
function freeDescription(others: readonly Entry[]): string {
  const taken = new Set(others.map(({ description }) => description));
  for (let n = 1; ; n += 1) {
    const description = n === 1 ? DESCRIPTION : `${DESCRIPTION} ${n}`;
    if (!taken.has(description)) return description;
  }
}

/** Parses `--position`; throws for anything but its three forms. */
export function parsePosition(text: string): Position {
  if (text === 'first' || text === 'last' || /^before:./.test(text)) return text;
  throw fail('--position is first, last or before:<pipeline>', 'choose one of them', EXIT.usage);
}
