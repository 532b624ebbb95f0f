import type { DnsEvent, LogLevel } from '../model/dns-event.ts';

/**
 * `loglevel` of a record. NXDOMAIN is INFO, because Kubernetes search paths cause it all the time. SERVFAIL and errors
 * that CoreDNS logged are ERROR. Any other response code, a firewall match and a query without a response are WARN.
 */
export function logLevelOf(event: DnsEvent): LogLevel {
  const code = event.responseCode;
  if (event.isError || code === 'SERVFAIL') return 'ERROR';
  const isUsual = code === 'NOERROR' || code === 'NXDOMAIN' || code === undefined;
  return isUsual && event.responseSeen && event.firewallAction === undefined ? 'INFO' : 'WARN';
}
