/** Events of CoreDNS among those that Container Insights collects. */
const COREDNS = '{ $.kubernetes.container_name = "coredns" }';

/**
 * Filter pattern for a group that nobody chose one for: `/aws/containerinsights/<cluster>/application` holds the logs of
 * every container, and each event on the stream is billed; any other group goes whole.
 */
export function defaultPattern(logGroup: string): string {
  return /^\/aws\/containerinsights\/[^/]+\/application$/.test(logGroup) ? COREDNS : '';
}
