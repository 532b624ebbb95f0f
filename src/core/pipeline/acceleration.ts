import { type AttributionSettings, type AttributorFactory, createAttributor } from '../attribution/index.ts';
import type { EscapeLevel } from '../model/encoded-text.ts';
import type { Encoders } from '../record/encoders.ts';
import type { Judge } from '../trust/index.ts';
import { createEnvelopeReader, type EnvelopeReader, type EventReader } from './read-events.ts';

/**
 * The steps of the pipeline that `fast-path/` replaces with faster ones of the same result. `NO_ACCELERATION` has the
 * ordinary step of each, so the pipeline is complete without that folder.
 */
export type Acceleration = {
  /** Creates the reader of an envelope's events (`read-events.ts`). */
  readonly createEnvelopeReader: (createReader: () => EventReader, judge: Judge) => EnvelopeReader;
  /** Creates the attributors of a configuration, one per batch (`attribution/`). */
  readonly createAttributors: (settings: AttributionSettings) => AttributorFactory;
  /** Encodes the fields that many records share (`record/`). Called once for each escape level in use. */
  readonly encoders: (ordinary: Encoders, level: EscapeLevel) => Encoders;
};

/** Reads, attributes and encodes every event anew. */
export const NO_ACCELERATION: Acceleration = {
  createEnvelopeReader,
  createAttributors: (settings) => (directory) => createAttributor(directory, settings),
  encoders: (ordinary) => ordinary,
};
