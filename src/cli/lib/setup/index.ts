// What `eks-dns setup` does.
import type { Grant } from '../aws/command.ts';
import { READ_CLUSTER_GRANT, UPDATE_ADDON_GRANT } from '../cluster/addon.ts';
import { DOCTOR_GRANTS } from '../doctor/index.ts';
import { SUBSCRIBE_GRANTS, UNSUBSCRIBE_GRANTS } from '../log-groups/index.ts';
import { RESOLVER_LOG_GRANTS } from '../resolver/index.ts';
import { ATTACH_GRANTS } from '../stream/index.ts';

export { type Cost, costOf } from './cost.ts';
export { forgetDecided, readDecided, writeDecided } from './decided.ts';
export { PARTS, type Part, STEP_NAMES } from './names.ts';
export { planSetup, runSetup } from './plan.ts';
export type { SetupOptions } from './situation.ts';

/** IAM permissions of `setup`, besides those that `sam deploy` needs for the resources of the stack. */
export const SETUP_GRANTS: readonly Grant[] = uniqueGrants([
  ...DOCTOR_GRANTS,
  ...ATTACH_GRANTS,
  ...SUBSCRIBE_GRANTS,
  ...UNSUBSCRIBE_GRANTS,
  ...RESOLVER_LOG_GRANTS,
  READ_CLUSTER_GRANT,
  UPDATE_ADDON_GRANT,
  { actions: ['eks:CreateAccessEntry', 'eks:DeleteAccessEntry'], on: 'arn:aws:eks:*:*:*' },
  { actions: ['firehose:ListDeliveryStreams'], on: '*' },
  { actions: ['cloudformation:DeleteStack'], on: 'arn:aws:cloudformation:*:*:stack/*' },
]);

/** The grants, each once. */
function uniqueGrants(grants: readonly Grant[]): readonly Grant[] {
  return [...new Map(grants.map((grant) => [JSON.stringify(grant), grant])).values()];
}
