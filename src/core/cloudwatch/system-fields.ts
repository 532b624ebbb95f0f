import type { SystemFields } from '../model/origin.ts';
import { eachMember, stringValue } from '../util/json-scan.ts';

// An account id, and upper bounds for the names of regions and log groups (512 characters).
const ACCOUNT = /^\d{12}$/;
const MAX_REGION = 32;
const MAX_LOG_GROUP = 512;
// Each character of a name may be escaped.
const MAX_VALUE = MAX_LOG_GROUP * 6;

const QUOTE = 0x22;
const OPEN_BRACE = 0x7b;

/** Reads the JSON object of `extractedFields`; neighbouring events share their result. */
export type SystemFieldsReader = (text: string) => SystemFields | undefined;

/** Creates a reader for the events of one envelope. */
export function createSystemFieldsReader(): SystemFieldsReader {
  let lastText: string | undefined;
  let last: SystemFields | undefined;
  return (text) => {
    if (text !== lastText) {
      lastText = text;
      last = readSystemFields(text);
    }
    return last;
  };
}

function readSystemFields(text: string): SystemFields | undefined {
  if (text.charCodeAt(0) !== OPEN_BRACE) return undefined;
  const fields = new Map<string, string>();
  eachMember(text, 0, (key, start, end) => {
    if (!key.startsWith('@') || text.charCodeAt(start) !== QUOTE || end - start > MAX_VALUE) return true;
    const value = stringValue(text.slice(start, end));
    if (value !== undefined && value !== '') fields.set(key, value);
    return true;
  });
  const accountId = fields.get('@aws.account');
  const region = fields.get('@aws.region');
  const logGroup = fields.get('@source.log');
  if (accountId === undefined && region === undefined && logGroup === undefined) return undefined;
  return {
    accountId: accountId !== undefined && ACCOUNT.test(accountId) ? accountId : undefined,
    region: region !== undefined && region.length <= MAX_REGION ? region : undefined,
    logGroup: logGroup !== undefined && logGroup.length <= MAX_LOG_GROUP ? logGroup : undefined,
  };
}
