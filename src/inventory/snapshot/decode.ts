// Reads a snapshot. Whoever may write the bucket may write anything: every value is checked, and a snapshot with a wrong one
// is ignored as a whole.
import { gunzipSync } from 'node:zlib';
import { mayAnnotate } from '../../core/model/record-fields/attribute-rules.ts';
import { isObject } from '../../core/util/json.ts';
import type { SavedInstance } from '../ec2/instance-index.ts';
import type { NodeLease, NodeState } from '../ip-ownership/node-health.ts';
import type { NodeLife, SavedLives } from '../ip-ownership/node-lives.ts';
import type { SavedOwnership, SavedTable } from '../ip-ownership/saved.ts';
import { boundedAttributes } from '../kubernetes/metadata-bounds.ts';
import type { SavedNamespaces } from '../kubernetes/namespaces.ts';
import type { SyncPosition } from '../kubernetes/sync.ts';
import { type ReadContext, readInstanceLine, readNodeLine, readPodLine } from './owner-lines.ts';
import { type ReadSnapshot, SCHEMA_VERSION, SNAPSHOT_LIMITS, type SnapshotIdentity } from './snapshot.ts';
import {
  flag,
  isSnapshotFault,
  type Line,
  list,
  member,
  optionalText,
  pair,
  pastTime,
  snapshotFault,
  text,
  time,
  valuesIn,
} from './values.ts';

/** Clocks of two functions may differ by this much. */
const MAX_SKEW_MS = 5000;

const MAX_LIVES_PER_NAME = 16;
const MAX_ATTRIBUTES = 1000;

/** A snapshot, or why there is none: `it has a time in the future`. The text contains nothing of the object. */
export type Decoded =
  | { readonly ok: true; readonly snapshot: ReadSnapshot }
  | { readonly ok: false; readonly fault: string; readonly momentMs: undefined }
  /** A snapshot of `sinceMs` or before: only its head was read. */
  | { readonly ok: false; readonly fault: undefined; readonly momentMs: number };

/** What the reader knows: the cluster, its own settings and clock, and what the snapshot has to be of. */
export type DecodeOptions = Omit<ReadContext, 'latestMs'> & {
  readonly nowMs: number;
  /** A snapshot of this moment or an earlier one is of no use; none by default. */
  readonly sinceMs?: number;
  /** The most that it may inflate to, bytes; by default as in `SNAPSHOT_LIMITS`. */
  readonly maxTextBytes?: number;
  /** Returns what does not fit, before anything else is read. */
  readonly check: (identity: SnapshotIdentity) => string | undefined;
};

/** Reads the bytes of an object. Never throws. */
export function decodeSnapshot(stored: Buffer, options: DecodeOptions): Decoded {
  try {
    return decode(stored, options);
  } catch (error) {
    // Messages of `JSON.parse` quote their input.
    const fault = isSnapshotFault(error) ? error.message : 'it is broken';
    return { ok: false, fault, momentMs: undefined };
  }
}

type Part = { readonly syncedMs: number; readonly version: string; readonly reachedMs: number };

function decode(stored: Buffer, options: DecodeOptions): Decoded {
  if (stored.length > SNAPSHOT_LIMITS.storedBytes) throw snapshotFault('it is too large');
  const inflated = inflate(stored, options.maxTextBytes ?? SNAPSHOT_LIMITS.inflatedBytes);
  const lines = linesOf(inflated);
  const head = lines.next().value;
  if (head === undefined || member(head, 'is') !== 'cluster') throw snapshotFault('it is not a snapshot');
  if (member(head, 'schema') !== SCHEMA_VERSION) throw snapshotFault('it has another version');
  const identity = identityOf(head);
  const fault = options.check(identity);
  if (fault !== undefined) throw snapshotFault(fault);
  const latestMs = options.nowMs + MAX_SKEW_MS;
  const context = { ...options, latestMs };
  const pods = partOf(member(head, 'pods'), latestMs);
  if (pods === undefined) throw snapshotFault('it has no pods');
  // Reading a large one takes longer than a watch.
  if (pods.syncedMs <= (options.sinceMs ?? Number.NEGATIVE_INFINITY))
    return { ok: false, fault: undefined, momentMs: pods.syncedMs };
  const nodes = partOf(member(head, 'nodes'), latestMs);
  const namespaces = partOf(member(head, 'namespaces'), latestMs);
  const leases = member(head, 'leases');
  if (!isObject(leases)) throw snapshotFault('it has no Leases');

  const found = readLines(lines, context);
  const table = (part: Part, owners: Owners, lives: readonly SavedLives[]): SavedTable => ({
    syncedMs: part.syncedMs,
    // Those that ended are written the latest first.
    ownerships: [...owners.ended.reverse(), ...owners.living],
    lives,
  });
  const snapshot: ReadSnapshot = {
    textBytes: inflated.length,
    identity,
    tables: {
      pods: table(pods, found.pods, found.lives),
      nodes: nodes && table(nodes, found.nodes, []),
      health: {
        states: found.states,
        leases: found.leases,
        leasesMs: pastTime(member(leases, 'listed'), latestMs),
        isForbidden: flag(member(leases, 'forbidden'), false),
      },
    },
    positions: {
      pods: positionOf(pods),
      nodes: nodes && positionOf(nodes),
      namespaces: namespaces && positionOf(namespaces),
    },
    namespaces: namespaces && { syncedMs: namespaces.syncedMs, entries: found.namespaces },
    instances: found.instances,
  };
  return { ok: true, snapshot };
}

const positionOf = ({ version, reachedMs }: Part): SyncPosition => ({ version, reachedMs });

function inflate(stored: Buffer, maxOutputLength: number): Buffer {
  try {
    return gunzipSync(stored, { maxOutputLength });
  } catch {
    throw snapshotFault('it is not gzip, incomplete, or inflates to too much');
  }
}

/** The lines as objects; each is parsed when it is asked for. */
function* linesOf(bytes: Buffer): Generator<Line, undefined> {
  for (let from = 0; from < bytes.length; ) {
    const end = bytes.indexOf(0x0a, from);
    const to = end < 0 ? bytes.length : end;
    if (to - from > SNAPSHOT_LIMITS.lineBytes) throw snapshotFault('it has a line that is too long');
    const value: unknown = JSON.parse(bytes.toString('utf8', from, to));
    if (!isObject(value)) throw snapshotFault('it has a line that is no object');
    yield value;
    from = to + 1;
  }
  return undefined;
}

function identityOf(head: Line): SnapshotIdentity {
  return {
    arn: text(member(head, 'arn')),
    endpoint: text(member(head, 'endpoint')),
    caDigest: text(member(head, 'caDigest')),
    uid: optionalText(member(head, 'uid')),
    vpcId: optionalText(member(head, 'vpcId')),
    selection: text(member(head, 'selection')),
  };
}

function partOf(value: unknown, latestMs: number): Part | undefined {
  if (value === undefined) return undefined;
  if (!isObject(value)) throw snapshotFault('it has a part that is no object');
  const version = text(member(value, 'version'));
  // It becomes part of a request.
  if (!/^[\w.-]{1,64}$/.test(version)) throw snapshotFault('it has a version that is none');
  return {
    syncedMs: pastTime(member(value, 'synced'), latestMs),
    version,
    // On the API server's clock.
    reachedMs: Math.min(time(member(value, 'reached')), latestMs),
  };
}

type Owners = { readonly living: SavedOwnership[]; readonly ended: SavedOwnership[] };

function readLines(lines: Iterable<Line>, context: ReadContext) {
  const found = {
    pods: { living: [], ended: [] } as Owners,
    nodes: { living: [], ended: [] } as Owners,
    lives: [] as SavedLives[],
    states: [] as [string, NodeState][],
    leases: [] as NodeLease[],
    namespaces: [] as SavedNamespaces['entries'][number][],
    instances: [] as SavedInstance[],
  };
  const put = (owners: Owners, owner: SavedOwnership) =>
    (owner.hasEnded ? owners.ended : owners.living).push(owner);
  let count = 1;
  let values = 0;
  for (const line of lines) {
    const get = (name: string) => member(line, name);
    const kind = get('is');
    if (kind === 'end') {
      if (get('lines') !== count) throw snapshotFault('it is incomplete');
      return found;
    }
    count += 1;
    values += valuesIn(line);
    if (count > SNAPSHOT_LIMITS.lines || values > SNAPSHOT_LIMITS.values)
      throw snapshotFault('it has too many lines or values');
    if (kind === 'pod') put(found.pods, readPodLine(line, context));
    else if (kind === 'node') put(found.nodes, readNodeLine(line, context));
    else if (kind === 'life') {
      found.lives.push([text(get('node')), list(get('lives'), MAX_LIVES_PER_NAME, lifeOf)]);
    } else if (kind === 'state') {
      const unreachable = get('unreachable');
      const unreachableSinceMs = unreachable === undefined ? undefined : time(unreachable);
      found.states.push([text(get('node')), { uid: text(get('uid')), unreachableSinceMs }]);
    } else if (kind === 'lease') {
      const nodeUid = optionalText(get('uid'));
      found.leases.push({ nodeName: text(get('node')), nodeUid, renewedMs: time(get('renewed')) });
    } else if (kind === 'namespace') {
      const attributes = list(get('attributes'), MAX_ATTRIBUTES, pair).filter(([name]) => mayAnnotate(name));
      const isDeleted = flag(get('deleted'), false);
      found.namespaces.push([text(get('name')), boundedAttributes(attributes), isDeleted]);
    } else if (kind === 'instance') found.instances.push(readInstanceLine(line, context.latestMs));
    else throw snapshotFault('it has a line of unknown kind');
  }
  throw snapshotFault('it is incomplete');
}

function lifeOf(value: unknown): NodeLife {
  const times = list(value, 3, time);
  const [provedUntilMs, startedByMs, firstStartMs] = times;
  if (provedUntilMs === undefined || startedByMs === undefined || firstStartMs === undefined)
    throw snapshotFault('it has a life without end');
  return { provedUntilMs, startedByMs, firstStartMs };
}
