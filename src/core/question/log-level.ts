import type { DnsEvent, LogLevel } from '../model/dns-event.ts';

/**
 * `loglevel` of a record. NXDOMAIN is everyday life in Kubernetes search paths, so it is INFO; SERVFAIL and what CoreDNS
 * itself calls an error are ERROR; any other code, a firewall hit and a query without response are WARN.
 */
export function logLevelOf(event: DnsEvent): LogLevel {
  const code = event.responseCode;
  if (event.isError || code === 'SERVFAIL') return 'ERROR';
  const isUsual = code === 'NOERROR' || code === 'NXDOMAIN' || code === undefined;
  return isUsual && event.responseSeen && event.firewallAction === undefined ? 'INFO' : 'WARN';
}
