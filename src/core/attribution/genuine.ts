import type { Directory, Lifetime } from '../model/directory.ts';
import type { DnsEvent } from '../model/dns-event.ts';
import type { LogProducer } from '../model/log-line.ts';
import type { Scope } from './scope.ts';

/** When the pod that printed a line may have lived; empty where the directory does not know it. */
export function lifetimesOfProducer(
  directory: Directory,
  { clusters }: Scope,
  { namespace = '', pod = '' }: LogProducer,
): readonly Lifetime[] {
  return directory.lifetimesOf(clusters, namespace, pod);
}

/**
 * Whether an attribution of the event may be `exact`: its time is certain, and it is proved that a DNS server wrote the
 * line. A container proves it only as a pod that the directory knows at that time. `lifetimesOf` is asked only then.
 */
export function mayBeExact(
  { timeMs, timeIsCertain, proof, producer }: DnsEvent,
  lifetimesOf: (producer: LogProducer) => readonly Lifetime[],
): boolean {
  if (!timeIsCertain || proof === 'nothing') return false;
  if (proof === 'log-group') return true;
  if (producer === undefined) return false;
  for (const { fromMs, toMs } of lifetimesOf(producer)) if (timeMs >= fromMs && timeMs <= toMs) return true;
  return false;
}
