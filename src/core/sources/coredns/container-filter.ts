import type { LogProducer } from '../../model/log-line.ts';

/**
 * Creates the test for lines of other containers: true where the wrapper names a container that is not in `containers`
 * (`COREDNS_CONTAINERS`). Neighbouring lines share their producer object, so the last answer is kept.
 */
export function createContainerFilter(
  containers: readonly string[],
): (producer: LogProducer | undefined) => boolean {
  const known = new Set(containers);
  let lastProducer: LogProducer | undefined;
  let lastAnswer = false;
  return (producer) => {
    if (producer === lastProducer) return lastAnswer;
    lastProducer = producer;
    lastAnswer = producer?.container !== undefined && !known.has(producer.container);
    return lastAnswer;
  };
}
