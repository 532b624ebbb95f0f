import type { Attributor } from '../attribution/index.ts';
import type { Scope } from '../attribution/scope.ts';
import type { Envelope } from '../model/envelope.ts';
import type { LogProducer } from '../model/log-line.ts';
import type { Origin, StreamIdentity } from '../model/origin.ts';

/** Where an event was written, and where its client is looked up. */
export type Place = { readonly origin: Origin; readonly scope: Scope };

/** The place of the event at `index`, which `producer` printed. Events of the same place get the same object. */
export type PlaceOf = (index: number, producer: LogProducer | undefined) => Place;

/** The origin of the event at `index`, as far as the envelope alone tells it. */
export type OriginOf = (index: number) => Origin;

/** An envelope, and what else the origin of its events depends on. */
export type EnvelopeContext = {
  readonly envelope: Envelope;
  readonly stream: StreamIdentity;
  /** Whether the output needs the log stream. */
  readonly namesLogStream: boolean;
};

/**
 * Creates the places of a record without an envelope: nothing is known of its origin but the stream's region, and the log
 * group that it gets (`WRAP`).
 */
export function placesOfText(
  { region, logGroup }: Pick<Origin, 'region' | 'logGroup'>,
  attributor: Attributor,
): PlaceOf {
  const origin = { ...UNKNOWN, region, logGroup };
  const place = { origin, scope: attributor.scopeOf(origin) };
  return () => place;
}

/**
 * Reads the origins of an envelope's events. Account and group are the envelope's, unless a centralised group names those
 * that the event comes from. Region: as named there, else the region of the producer's node, else the stream's, but only
 * for groups of the stream's own account: CloudWatch also sends to streams in other regions.
 */
function originOf(
  { envelope, stream, namesLogStream }: EnvelopeContext,
  index: number,
  producer: LogProducer | undefined,
): Origin {
  const { events, owner, logGroup } = envelope;
  const fields = events[index]?.systemFields;
  const accountId = fields?.accountId ?? owner;
  const ownRegion = accountId !== undefined && accountId === stream.accountId ? stream.region : undefined;
  return {
    accountId,
    region: fields?.region ?? regionOfNode(producer?.node) ?? ownRegion,
    logGroup,
    sourceLogGroup: fields?.logGroup === logGroup ? undefined : fields?.logGroup,
    logStream: namesLogStream ? envelope.logStream : undefined,
  };
}

/** Creates `OriginOf` for an envelope. */
export function originsOf(context: EnvelopeContext): OriginOf {
  let last: Origin | undefined;
  let lastFields: unknown;
  return (index) => {
    const fields = context.envelope.events[index]?.systemFields;
    if (last === undefined || fields !== lastFields) last = originOf(context, index, undefined);
    lastFields = fields;
    return last;
  };
}

/** Creates the places of an envelope's events. */
export function placesOf(context: EnvelopeContext, attributor: Attributor): PlaceOf {
  const places = new Map<string, Place>();
  const placeAt = (index: number, producer: LogProducer | undefined): Place => {
    const origin = originOf(context, index, producer);
    const key = JSON.stringify(origin);
    const place = places.get(key) ?? { origin, scope: attributor.scopeOf(origin) };
    places.set(key, place);
    return place;
  };
  // The lines of several CoreDNS pods alternate within a record; their producers are few, and the same objects.
  const byProducer = new Map<LogProducer | undefined, Place>();
  let lastFields: unknown;
  return (index, producer) => {
    const fields = context.envelope.events[index]?.systemFields;
    if (fields !== lastFields) byProducer.clear();
    lastFields = fields;
    const known = byProducer.get(producer);
    if (known !== undefined) return known;
    const place = placeAt(index, producer);
    byProducer.set(producer, place);
    return place;
  };
}

const UNKNOWN: Origin = {
  accountId: undefined,
  region: undefined,
  logGroup: undefined,
  sourceLogGroup: undefined,
  logStream: undefined,
};

// `ip-10-0-1-23.eu-west-1.compute.internal`, `i-0a64.eu-west-1.compute.internal`, `fargate-ip-10-0-1-23.ec2.internal`
// https://docs.aws.amazon.com/AWSEC2/latest/UserGuide/hostname-types.html
const NODE = /^[a-z0-9-]{1,80}\.(?:([a-z]{2}(?:-[a-z]{1,12}){1,3}-\d{1,2})\.compute|ec2)\.internal$/;
const REGION_OF_EC2_INTERNAL = 'us-east-1';

/** The region in the name that EC2 gives to a node; undefined for any other name. */
export function regionOfNode(node: string | undefined): string | undefined {
  const match = node === undefined ? null : NODE.exec(node);
  return match === null ? undefined : (match[1] ?? REGION_OF_EC2_INTERNAL);
}
