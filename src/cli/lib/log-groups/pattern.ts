/** Selects the events of CoreDNS among those of all containers that Container Insights collects. */
const COREDNS = '{ $.kubernetes.container_name = "coredns" }';

/**
 * Default filter pattern of a log group. `/aws/containerinsights/<cluster>/application` holds the logs of every
 * container, and each event on the stream is billed, so only CoreDNS is selected there; other groups are sent
 * completely.
 */
export function defaultPattern(logGroup: string): string {
  return /^\/aws\/containerinsights\/[^/]+\/application$/.test(logGroup) ? COREDNS : '';
}
