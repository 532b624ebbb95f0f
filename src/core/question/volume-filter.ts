import type { QuestionCategory, Settings } from '../model/settings.ts';

/** Decision on one event. `drop`: its category is dropped. `sample`: its category is sampled, and the event is not in the sample. */
export type VolumeVerdict = 'keep' | 'drop' | 'sample';

/** Reduces the volume of records by question category. */
export type VolumeFilter = {
  /**
   * The same event id always gets the same verdict, so that a retried batch gives the same records.
   * `isProtected`: the event has a signal, an error, a firewall match or further lines. Such events are always kept.
   */
  verdict(category: QuestionCategory, eventId: string, isProtected: boolean): VolumeVerdict;
};

/** Creates the filter for `DROP` and `SAMPLE`; undefined when neither is set. */
export function createVolumeFilter(settings: Pick<Settings, 'drop' | 'sample'>): VolumeFilter | undefined {
  const { drop, sample } = settings;
  if (drop.size === 0 && sample.size === 0) return undefined;
  return {
    verdict: (category, eventId, isProtected) => {
      if (isProtected) return 'keep';
      if (drop.has(category)) return 'drop';
      const share = sample.get(category);
      return share === undefined || fractionOf(eventId) < share ? 'keep' : 'sample';
    },
  };
}

/**
 * Maps an id to a number in [0, 1), always the same for the same id: FNV-1a, followed by the finaliser of MurmurHash3,
 * because neighbouring ids differ in their last digits only and FNV-1a alone would map them close together.
 * http://www.isthe.com/chongo/tech/comp/fnv/, https://github.com/aappleby/smhasher
 */
function fractionOf(eventId: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < eventId.length; i++) hash = Math.imul(hash ^ eventId.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
