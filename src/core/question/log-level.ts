import type { DnsEvent, LogLevel } from '../model/dns-event.ts';

/**
 * `loglevel` of a record. An error that CoreDNS logged has the level that it printed. NXDOMAIN is INFO, because Kubernetes
 * search paths cause it all the time; SERVFAIL is ERROR. Any other response code, a firewall match that was not allowed,
 * and a query without a response are WARN.
 */
export function logLevelOf(event: DnsEvent): LogLevel {
  const code = event.responseCode;
  if (event.isError) return event.printedLevel ?? 'ERROR';
  if (code === 'SERVFAIL') return 'ERROR';
  const isUsual = code === 'NOERROR' || code === 'NXDOMAIN' || code === undefined;
  const isAllowed = event.firewallAction === undefined || event.firewallAction === 'ALLOW';
  return isUsual && event.responseSeen && isAllowed ? 'INFO' : 'WARN';
}
