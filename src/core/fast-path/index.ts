// The fast path: replaces steps of the pipeline with faster ones of the same result. README.md lists the invariants.
import type { Settings } from '../model/settings.ts';
import type { Acceleration } from '../pipeline/acceleration.ts';
import { createCachedAttributors } from './cached-attributor.ts';
import { createCoreDnsLineReader } from './coredns-line.ts';
import { withEncodedCaches } from './encoded-caches.ts';
import type { InPlaceReader } from './escaped-line.ts';
import { createInPlaceEnvelopeReader } from './in-place-events.ts';
import { createResolverRecordReader } from './resolver-record.ts';

/** Creates the fast path of a configuration. Its caches live as long as the process. */
export function createFastPath(settings: Pick<Settings, 'corednsLogFormats'>): Acceleration {
  return {
    createEnvelopeReader: (createReader, judge) =>
      createInPlaceEnvelopeReader(createReader, inPlaceReaders(settings), judge),
    createAttributors: createCachedAttributors,
    encoders: withEncodedCaches,
  };
}

/** Readers in the order of the sources (`sources/index.ts`). Configured FORMATs are only read from decoded text. */
function inPlaceReaders({
  corednsLogFormats,
}: Pick<Settings, 'corednsLogFormats'>): readonly InPlaceReader[] {
  const resolver = createResolverRecordReader();
  return corednsLogFormats.length > 0 ? [resolver] : [resolver, createCoreDnsLineReader()];
}
