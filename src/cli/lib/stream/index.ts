// Attaching the function to a delivery stream: what `attach`, `detach` and `status` do.

import { READ_FILTER_GRANTS } from '../log-groups/filters.ts';
import { LIST_STATE_GRANT } from '../state/index.ts';
import { FIND_STREAM_GRANTS, READ_STREAM_GRANT } from './delivery-stream.ts';
import { READ_FUNCTION_GRANT } from './function.ts';
import { READ_POLICY_GRANT, READ_ROLE_GRANT, WRITE_ROLE_GRANT } from './role-grant.ts';
import { UPDATE_STREAM_GRANT } from './update.ts';

export { type AttachPlan, attach, planAttach } from './attach.ts';
export { addStreamOptions, type StreamOptions } from './delivery-stream.ts';
export { type DetachPlan, detach, planDetach } from './detach.ts';
export { dynatraceEndpoint, OTHER_ENDPOINT } from './dynatrace-endpoint.ts';
export { addFunctionOptions, type FunctionOptions } from './function.ts';
export { type BufferingHints, DEFAULT_HINTS } from './processing.ts';
export { grantDocument, grantName, roleName } from './role-grant.ts';
export { readStatus, type StreamStatus } from './status.ts';

/** IAM permissions of `attach`. */
export const ATTACH_GRANTS = [
  ...FIND_STREAM_GRANTS,
  READ_STREAM_GRANT,
  UPDATE_STREAM_GRANT,
  ...READ_FILTER_GRANTS,
  READ_ROLE_GRANT,
  READ_POLICY_GRANT,
  WRITE_ROLE_GRANT,
];

/** IAM permissions of `detach`. */
export const DETACH_GRANTS = [
  ...FIND_STREAM_GRANTS,
  READ_STREAM_GRANT,
  UPDATE_STREAM_GRANT,
  READ_FUNCTION_GRANT,
  WRITE_ROLE_GRANT,
];

/** IAM permissions of `status`. */
export const STATUS_GRANTS = [
  ...FIND_STREAM_GRANTS,
  READ_STREAM_GRANT,
  READ_FUNCTION_GRANT,
  READ_ROLE_GRANT,
  READ_POLICY_GRANT,
  LIST_STATE_GRANT,
];
