// Reads an instance of EC2 as an observation.
import type { Instance as Ec2Instance } from '@aws-sdk/client-ec2';
import { type InstanceObservation, membership } from './instance-index.ts';

/** Limit for the addresses and delegated prefixes of an instance; the largest have 50 interfaces with 50 addresses. */
const MAX_IPS = 2500;

/** An instance as EC2 returns it; a terminated one has tags but no interfaces. */
export function toObservation(instance: Ec2Instance): InstanceObservation | undefined {
  if (!instance.InstanceId) return undefined;
  const tags = new Map((instance.Tags ?? []).map(({ Key = '', Value = '' }) => [Key, Value]));
  const interfaces = instance.NetworkInterfaces ?? [];
  const text = (value: string | undefined) => value || undefined;
  return {
    instance: {
      id: instance.InstanceId,
      type: instance.InstanceType,
      availabilityZone: text(instance.Placement?.AvailabilityZone),
      vpcId: text(instance.VpcId),
      privateDnsName: text(instance.PrivateDnsName),
      ...membership(tags),
      // EC2 omits it for on-demand instances.
      lifecycle: instance.InstanceLifecycle ?? 'on-demand',
    },
    ips: [
      ...(instance.PrivateIpAddress ? [instance.PrivateIpAddress] : []),
      ...interfaces.flatMap(({ PrivateIpAddresses = [] }) =>
        PrivateIpAddresses.flatMap(({ PrivateIpAddress }) => PrivateIpAddress ?? []),
      ),
      ...interfaces.flatMap(({ Ipv6Addresses = [] }) =>
        Ipv6Addresses.flatMap(({ Ipv6Address }) => Ipv6Address ?? []),
      ),
    ].slice(0, MAX_IPS),
    prefixes: interfaces
      .flatMap(({ Ipv4Prefixes = [], Ipv6Prefixes = [] }) => [
        ...Ipv4Prefixes.flatMap(({ Ipv4Prefix }) => Ipv4Prefix ?? []),
        ...Ipv6Prefixes.flatMap(({ Ipv6Prefix }) => Ipv6Prefix ?? []),
      ])
      .slice(0, MAX_IPS),
  };
}
