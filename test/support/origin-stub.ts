import type { Origin } from '../../src/core/model/origin.ts';

/** An origin of which only these members are known. */
export const originStub = (members: Partial<Origin> = {}): Origin => ({
  accountId: undefined,
  region: undefined,
  logGroup: undefined,
  sourceLogGroup: undefined,
  logStream: undefined,
  ...members,
});
