import type { JsonObject } from '../../util/json.ts';

const DENIED = 2;
const BLOCKED = 2;
const ALERT = 19;

/**
 * `BLOCK` or `ALERT` as Resolver logs them; undefined where no rule or one that allows matched. Versions of the schema and
 * of the transformer set the id, its name, or both.
 * https://schema.ocsf.io/1.5.0/profiles/security_control
 */
export function firewallActionOf(activity: JsonObject): 'BLOCK' | 'ALERT' | undefined {
  const { action_id, action, action_name, disposition_id, disposition } = activity;
  if (disposition_id === ALERT || disposition === 'Alert') return 'ALERT';
  const isDenied = action_id === DENIED || action === 'Denied' || action_name === 'Denied';
  return isDenied || disposition_id === BLOCKED || disposition === 'Blocked' ? 'BLOCK' : undefined;
}
