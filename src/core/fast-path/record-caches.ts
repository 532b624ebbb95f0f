// Caches the parts of a record that many records share: the description of a name, and encoded fields.
import type { Client, Resolver } from '../model/client.ts';
import type { Cluster } from '../model/directory.ts';
import type { DnsEvent } from '../model/dns-event.ts';
import type { EscapeLevel } from '../model/encoded-text.ts';
import type { Origin } from '../model/origin.ts';
import type { RecordParts } from '../pipeline/acceleration.ts';
import type { Question } from '../question/index.ts';
import { logLevelOf } from '../question/log-level.ts';
import type { EncodedClient } from '../record/client-fields.ts';
import type { Encoders } from '../record/encoders.ts';
import { bytesOf } from '../record/json-encoder.ts';
import type { EncodedQuestion } from '../record/question-fields.ts';
import { detachString } from '../util/detach-string.ts';
import { createTwoGenerationCache } from '../util/two-generation-cache.ts';
import type { CachedClient } from './client-interner.ts';
import { createNameCache } from './name-cache.ts';

// A and AAAA with two response codes each; more is abnormal or hostile.
const MAX_ENCODED_PER_NAME = 4;
// Longer names are abnormal or hostile.
const MAX_ENCODED_LENGTH = 2048;
const MAX_RESOLVERS = 1000;
const MAX_INSTANCES = 1000;

/** Wraps the parts of a record with caches; see `Acceleration.recordParts`. */
export function withRecordCaches(ordinary: RecordParts, level: EscapeLevel): RecordParts {
  const { encoders } = ordinary;
  const described = createNameCache((name): CachedQuestion => {
    const { domain, signals } = ordinary.describeQuestion(name);
    return { domain, signals, encoded: [] };
  });
  return {
    describeQuestion: (name) => described(name ?? ''),
    encoders: {
      question: (question, event) => encodedQuestion(encoders, question as CachedQuestion, event),
      client: createClientEncoder(encoders, level),
      resolver: lastOf(
        createTwoGenerationCache((resolver: Resolver) => encoders.resolver(resolver), MAX_RESOLVERS),
      ),
      origin: createOriginEncoder(encoders),
    },
  };
}

/** A question with the encoded forms that were written for it. */
type CachedQuestion = Question & { readonly encoded: QuestionEntry[] };

type QuestionEntry = {
  readonly source: DnsEvent['source'];
  readonly level: ReturnType<typeof logLevelOf>;
  readonly type: string | undefined;
  readonly class: string | undefined;
  readonly responseCode: string | undefined;
  readonly responseSeen: boolean;
  readonly result: EncodedQuestion;
};

function encodedQuestion(encoders: Encoders, question: CachedQuestion, event: DnsEvent): EncodedQuestion {
  const level = logLevelOf(event);
  for (const entry of question.encoded) {
    if (
      entry.type === event.type &&
      entry.responseCode === event.responseCode &&
      entry.level === level &&
      entry.responseSeen === event.responseSeen &&
      entry.class === event.class &&
      entry.source === event.source
    ) {
      return entry.result;
    }
  }
  const result = encoders.question(question, event);
  if (question.encoded.length < MAX_ENCODED_PER_NAME && result.text.length <= MAX_ENCODED_LENGTH) {
    question.encoded.push({
      source: event.source,
      level,
      type: event.type && detachString(event.type),
      class: event.class && detachString(event.class),
      responseCode: event.responseCode && detachString(event.responseCode),
      responseSeen: event.responseSeen,
      result,
    });
  }
  return result;
}

/** Keeps the encoded form on the client, see `client-interner.ts`. */
function createClientEncoder(encoders: Encoders, level: EscapeLevel): Encoders['client'] {
  // Pods of one instance share the bytes of their placement.
  const shared = createTwoGenerationCache((text: string) => bytesOf(text), MAX_INSTANCES);
  return (client: Client, vpcId: string | undefined): EncodedClient => {
    const slot = client as CachedClient;
    const { encoded } = slot;
    if (encoded !== undefined && slot.encodedVpcId === vpcId && slot.encodedLevel === level) return encoded;
    const { identity, placement, wasTruncated } = encoders.client(client, vpcId);
    const made = { identity, placement: shared(Buffer.from(placement).toString('latin1')), wasTruncated };
    slot.encoded = made;
    slot.encodedLevel = level;
    slot.encodedVpcId = vpcId && detachString(vpcId);
    return made;
  };
}

/** Keeps the last origin: the events of one record nearly always come from one account and region. */
function createOriginEncoder(encoders: Encoders): Encoders['origin'] {
  let lastOrigin: Origin | undefined;
  let lastCluster: Cluster | undefined;
  let lastAccountId: string | undefined;
  let lastRegion: string | undefined;
  let lastSource: DnsEvent['source'] | undefined;
  let lastBytes: Uint8Array | undefined;
  return (origin, event, cluster) => {
    const isLast =
      lastOrigin === origin &&
      lastCluster === cluster &&
      lastAccountId === event.accountId &&
      lastRegion === event.region &&
      lastSource === event.source;
    if (lastBytes === undefined || !isLast) {
      lastOrigin = origin;
      lastCluster = cluster;
      lastAccountId = event.accountId;
      lastRegion = event.region;
      lastSource = event.source;
      lastBytes = encoders.origin(origin, event, cluster);
    }
    return lastBytes;
  };
}

/** Keeps the last result: neighbouring lines share their resolver. */
function lastOf<K>(encode: (key: K) => Uint8Array): (key: K) => Uint8Array {
  let last: K | undefined;
  let bytes: Uint8Array | undefined;
  return (key) => {
    if (bytes === undefined || last !== key) {
      last = key;
      bytes = encode(key);
    }
    return bytes;
  };
}
