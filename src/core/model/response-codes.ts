// https://www.iana.org/assignments/dns-parameters/dns-parameters.xhtml#dns-parameters-6

/** Names of response codes by number, as CoreDNS prints them: 16 is always `BADSIG`, although it may mean BADVERS. */
export const RESPONSE_CODES: readonly (string | undefined)[] = [
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
  'DSOTYPENI',
  ...new Array<undefined>(4),
  'BADSIG',
  'BADKEY',
  'BADTIME',
  'BADMODE',
  'BADNAME',
  'BADALG',
  'BADTRUNC',
  'BADCOOKIE',
];
