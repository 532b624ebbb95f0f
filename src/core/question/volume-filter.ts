import type { QuestionCategory, Settings } from '../model/settings.ts';

/** What becomes of one event: `drop` = its category is not wanted; `sample` = others of its category stand for it. */
export type VolumeVerdict = 'keep' | 'drop' | 'sample';

/** Decides by category which events are worth sending. */
export type VolumeFilter = {
  /**
   * The same event id gets the same verdict in every run, so that a retried batch does not change.
   * `isProtected`: it has a signal, an error or a firewall hit; such events are always kept.
   */
  verdict(category: QuestionCategory, eventId: string, isProtected: boolean): VolumeVerdict;
};

/** The filter that `DROP` and `SAMPLE` ask for; undefined when they ask for nothing, so that nothing is spent on it. */
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
 * A number from 0 up to but not including 1 that looks random and is always the same for an id: FNV-1a, mixed once more
 * (MurmurHash3's finaliser), because ids of neighbours differ in their last digits only.
 * http://www.isthe.com/chongo/tech/comp/fnv/, https://github.com/aappleby/smhasher
 */
function fractionOf(eventId: string): number {
  let hash = 0x811c9dc5;
  for (let i = 0; i < eventId.length; i++) hash = Math.imul(hash ^ eventId.charCodeAt(i), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return ((hash ^ (hash >>> 16)) >>> 0) / 2 ** 32;
}
