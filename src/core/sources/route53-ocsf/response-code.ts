/** Codes by `rcode_id`, whose names in OCSF are its own: `ServError`, `NotImp`. RFC 6895, section 2.3. */
const BY_ID: readonly string[] = [
  'NOERROR',
  'FORMERR',
  'SERVFAIL',
  'NXDOMAIN',
  'NOTIMP',
  'REFUSED',
  'YXDOMAIN',
  'YXRRSET',
  'NXRRSET',
  'NOTAUTH',
  'NOTZONE',
];

/** `ServError`, 2 -> `SERVFAIL`; a code without a known id -> its name in upper case, or its number. */
export function responseCodeOf(name: unknown, id: unknown): string | undefined {
  const known = typeof id === 'number' ? BY_ID[id] : undefined;
  if (known !== undefined) return known;
  if (typeof name === 'string' && name !== '') return name.toUpperCase();
  return typeof id === 'number' && Number.isSafeInteger(id) ? String(id) : undefined;
}
