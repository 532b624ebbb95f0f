import type { LogProducer } from '../../model/log-line.ts';

/**
 * Creates the test for lines of other containers: true if the wrapper names a container that is not in `containers`
 * (`COREDNS_CONTAINERS`). Neighbouring lines share their producer object, so the last result is cached.
 */
export function createContainerFilter(
  containers: readonly string[],
): (producer: LogProducer | undefined) => boolean {
  const corednsContainers = new Set(containers);
  let lastProducer: LogProducer | undefined;
  let lastResult = false;
  return (producer) => {
    if (producer === lastProducer) return lastResult;
    lastProducer = producer;
    lastResult = producer?.container !== undefined && !corednsContainers.has(producer.container);
    return lastResult;
  };
}
