import type { LogProducer } from '../../src/core/model/log-line.ts';

/** A producer of which only these members are known. */
export const producerStub = (members: Partial<LogProducer> = {}): LogProducer => ({
  pod: undefined,
  podUid: undefined,
  namespace: undefined,
  container: undefined,
  node: undefined,
  ip: undefined,
  ...members,
});
