/**
 * Services that carry data in names by design: reputation lookups of malware scanners and block lists. The queries
 * reach only the operator of the service. https://isc.sans.edu/diary/24844 and the manuals of the services.
 */
const DATA_BY_DESIGN: ReadonlySet<string> = new Set([
  'cymru.com',
  'e5.sk',
  'mcafee.com',
  'msbl.org',
  'sophosxl.net',
  'spamhaus.net',
  'spamhaus.org',
  'surbl.org',
  'trellix.com',
  'uribl.com',
]);

/** Whether a registered domain belongs to such a service. */
export const hasDataByDesign = (registeredDomain: string | undefined): boolean =>
  registeredDomain !== undefined && DATA_BY_DESIGN.has(registeredDomain);
