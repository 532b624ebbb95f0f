import { type AttributorFactory, createAttributor } from '../attribution/index.ts';
import { collectKeys, type LookupKeysBuilder } from '../attribution/lookup-keys.ts';
import type { FindEvents } from '../cloudwatch/envelope.ts';
import type { EscapeLevel } from '../model/encoded-text.ts';
import type { Envelope } from '../model/envelope.ts';
import type { Settings } from '../model/settings.ts';
import type { DescribeQuestion } from '../question/index.ts';
import type { Encoders } from '../record/encoders.ts';
import type { EventList, EventReader, ReadEvent } from './read-events.ts';

/** Reads the events of an envelope and adds their look-up keys to `keys`. */
export type EnvelopeReader = (envelope: Envelope, arrivalMs: number, keys: LookupKeysBuilder) => EventList;

/** The parts of a record that many records share. */
export type RecordParts = { readonly describeQuestion: DescribeQuestion; readonly encoders: Encoders };

/**
 * Steps of the pipeline that `fast-path/` replaces with faster ones of the same result. The pipeline is complete without
 * it: `NO_ACCELERATION`.
 */
export type Acceleration = {
  /** Finds the events of an envelope in CloudWatch's own layout. */
  readonly findEvents: FindEvents | undefined;
  readonly createEnvelopeReader: (createReader: () => EventReader) => EnvelopeReader;
  readonly createAttributors: (settings: Pick<Settings, 'logGroupClusters'>) => AttributorFactory;
  /** Called once for each escape level that is written. */
  readonly recordParts: (ordinary: RecordParts, level: EscapeLevel) => RecordParts;
};

/** Reads, attributes and encodes every event anew. */
export const NO_ACCELERATION: Acceleration = {
  findEvents: undefined,
  createEnvelopeReader: (createReader) => {
    const reader = createReader();
    return (envelope, arrivalMs, keys) => {
      reader.startRecord();
      return listOf(
        envelope.events.map((_, index) => reader.read(envelope, index, arrivalMs)),
        keys,
      );
    };
  },
  createAttributors: (settings) => (directory) => createAttributor(directory, settings),
  recordParts: (ordinary) => ordinary,
};

/** Memory of an event's positions in the envelope, and of a parsed event, bytes. */
export const SPAN_BYTES = 100;
export const EVENT_BYTES = 600;

/** A list of events that are read already; adds their look-up keys to `keys`. */
export function listOf(events: readonly ReadEvent[], keys: LookupKeysBuilder): EventList {
  let parsed = 0;
  for (const event of events) {
    if (typeof event !== 'object') continue;
    parsed++;
    collectKeys(keys, event);
  }
  return {
    length: events.length,
    at: (index) => events[index] ?? 'not-dns',
    heldBytes: events.length * SPAN_BYTES + parsed * EVENT_BYTES,
  };
}
