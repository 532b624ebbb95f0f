// The clusters of "who else speaks": known ones and others, in several accounts and Regions. All use the same addresses,
// and each address has had two owners, so that a line of the wrong cluster or time names a wrong pod.
import type { Directory } from '../../src/core/model/directory.ts';
import { DEFAULT_SETTINGS } from '../../src/core/model/settings.ts';
import { parseDirectoryFile } from '../../src/inventory/file.ts';
import { createOwnerIndex } from '../../src/inventory/owner-index.ts';

/** The account and Region of the Firehose stream. */
export const STREAM = { accountId: '111122223333', region: 'eu-west-1' } as const;
/** The account to which CloudWatch copies the logs of others. */
export const CENTRAL_ACCOUNT = '999900001111';

/** A cluster. Two of the same name exist in different accounts and Regions. */
export type BenchCluster = {
  readonly name: string;
  readonly accountId: string;
  readonly region: string;
  readonly vpcId: string;
  /** Prefix of its pods' names. */
  readonly key: string;
};

const cluster = (key: string, name: string, accountId: string, region: string): BenchCluster => ({
  key,
  name,
  accountId,
  region,
  vpcId: `vpc-0${key}`,
});

const BANK = cluster('b', 'bank', STREAM.accountId, STREAM.region);
const PAY = cluster('p', 'pay', '444455556666', 'us-west-2');
const MARKET = cluster('m', 'market', STREAM.accountId, 'eu-central-1');

/** Clusters that a directory knows; `only` is the most frequent case, in which a cluster is found without its name. */
export const KNOWN = { only: [BANK], several: [BANK, PAY, MARKET] } as const;

/** Every cluster that writes logs. */
export const CLUSTERS: readonly BenchCluster[] = [
  BANK,
  PAY,
  MARKET,
  cluster('d', 'depot', STREAM.accountId, STREAM.region),
  cluster('x', 'bank', '777788889999', STREAM.region),
  cluster('y', 'bank', STREAM.accountId, 'us-east-1'),
];

const hour = (hours: number): number => Date.UTC(2026, 10, 20) + Math.round(hours * 3_600_000);
const START_MS = hour(6);
const CHANGE_MS = hour(11);

/** Times of queries, epoch ms: clear of the change of owners, as far as clocks may deviate. */
export const ERAS = {
  former: { fromMs: hour(10), toMs: hour(10.9) },
  present: { fromMs: hour(11.1), toMs: hour(12) },
} as const;

/** One of `ERAS`. */
export type Era = keyof typeof ERAS;

/** Number of addresses in each cluster. */
export const ADDRESSES = 40;

/** The address of this number, the same in each cluster. */
export const addressOf = (index: number): string => `10.20.${index >> 4}.${10 + (index & 15)}`;

/** The namespace of the pods that query. */
export const CLIENT_NAMESPACE = 'ledger';

/** The pod that owns an address of a cluster in an era. */
export const ownerOf = ({ key }: BenchCluster, index: number, era: Era): string => `${key}-${era}-${index}`;

/** CoreDNS pods of a cluster: two that live, one that ended when the addresses changed, one that no directory knows. */
export const coreDnsPods = ({ key }: BenchCluster) => ({
  living: [`coredns-6799d55c9f-${key}k2l4`, `coredns-6799d55c9f-${key}r9vt`],
  ended: `coredns-6799d55c9f-${key}zzzz`,
  unknown: `coredns-6799d55c9f-${key}unkn`,
});

/** The real directory of these clusters. */
export function directoryOf(clusters: readonly BenchCluster[]): Directory {
  const life = (startMs: number, endMs?: number) => ({
    startTime: new Date(startMs).toISOString(),
    ...(endMs === undefined ? {} : { endTime: new Date(endMs).toISOString() }),
  });
  const file = parseDirectoryFile(
    {
      clusters: clusters.map(({ key, name, accountId, region, vpcId }) => ({
        name,
        accountId,
        region,
        vpcId,
        uid: uidOf(key),
      })),
      pods: clusters.flatMap((one) => {
        const { living, ended } = coreDnsPods(one);
        const coreDns = (name: string, at: number, endMs?: number) => ({
          cluster: one.name,
          namespace: 'kube-system',
          name,
          ips: [`10.20.9.${at}`],
          owner: { kind: 'ReplicaSet', name: 'coredns-6799d55c9f' },
          labels: { 'pod-template-hash': '6799d55c9f', 'k8s-app': 'kube-dns' },
          ...life(START_MS, endMs),
        });
        const client = (index: number, era: Era, startMs: number, endMs?: number) => ({
          cluster: one.name,
          namespace: CLIENT_NAMESPACE,
          name: ownerOf(one, index, era),
          ips: [addressOf(index)],
          ...life(startMs, endMs),
        });
        return [
          ...living.map((name, at) => coreDns(name, at + 1)),
          coreDns(ended, 9, CHANGE_MS),
          ...Array.from({ length: ADDRESSES }, (_, index) => [
            client(index, 'former', START_MS, CHANGE_MS),
            client(index, 'present', CHANGE_MS + 120_000),
          ]).flat(),
        ];
      }),
    },
    DEFAULT_SETTINGS,
  );
  if (!file.ok) throw new Error(file.faults);
  return createOwnerIndex(file.clusters, file.instances);
}

/** `k8s.cluster.uid` of a cluster. */
export const uidOf = (key: string): string => `0c1d2e3f-0000-4000-8000-00000000000${key}`;
