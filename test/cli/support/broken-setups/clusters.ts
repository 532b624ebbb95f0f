// Breaks of the clusters: configuration, access and the log of CoreDNS.
import { COREFILE } from '../setup-run.ts';
import { type BrokenSetup, clusters } from './broken-setup.ts';

const FOREIGN = 'arn:aws:eks:eu-west-1:444455556666:cluster/far';
const ROLE = 'arn:aws:iam::444455556666:role/reader';

/** Clusters. */
export const CLUSTERS: readonly BrokenSetup[] = [
  { name: 'no cluster', break: clusters(''), check: 'cluster', fix: 'shows' },
  {
    name: 'a cluster that is not configured',
    break: clusters('web'),
    args: ['--cluster', 'shop'],
    check: 'shop: cluster',
    fix: 'mends',
  },
  { name: 'a cluster that is not there', break: clusters('shpo'), check: 'shpo: cluster', fix: 'shows' },
  {
    name: 'a cluster of another account without a role',
    break: clusters(`shop,${FOREIGN}`),
    check: `${FOREIGN}: cluster`,
    fix: 'shows',
  },
  {
    name: 'a cluster of another account',
    break: clusters(`shop,${FOREIGN}=${ROLE}`),
    check: `${FOREIGN}: cluster`,
    fix: 'shows',
  },
  {
    name: 'a role that the function may not assume',
    break: clusters(`shop,${FOREIGN}=${ROLE}`),
    check: `${FOREIGN}: role`,
    fix: 'shows',
  },
  {
    name: 'a private cluster',
    break: (run) => {
      run.eks.isPrivate = true;
    },
    check: 'shop: network',
    fix: 'mends',
  },
  {
    name: 'no function for the access entry',
    break: clusters(undefined),
    args: ['--cluster', 'shop'],
    check: 'shop: access',
    fix: 'mends',
  },
  {
    name: 'no access entry',
    break: (run) => run.eks.accessEntries.clear(),
    check: 'shop: access',
    fix: 'mends',
  },
  {
    name: 'no access entry beside aws-auth',
    break: (run) => {
      run.eks.authenticationMode = 'API_AND_CONFIG_MAP';
      run.eks.accessEntries.clear();
    },
    check: 'shop: access',
    fix: 'mends',
  },
  {
    name: 'aws-auth only',
    break: (run) => {
      run.eks.authenticationMode = 'CONFIG_MAP';
    },
    check: 'shop: access',
    fix: 'shows',
  },
  {
    name: 'a group without permissions',
    break: (run) => {
      run.eks.groupMayList = false;
    },
    check: 'shop: permissions',
    fix: 'mends',
  },
  {
    name: 'a group that may not list Leases',
    break: (run) => {
      run.eks.groupMayListLeases = false;
    },
    check: 'shop: permissions',
    fix: 'mends',
  },
  {
    name: 'a group that may not list namespaces',
    break: (run) => {
      run.account.state.variables.METADATA_FROM = 'namespace';
      run.eks.groupMayList = false;
    },
    check: 'shop: namespaces',
    fix: 'mends',
  },
  {
    name: 'a Corefile without log',
    break: (run) => run.eks.configMaps.set('coredns', { corefile: COREFILE, version: 1 }),
    check: 'shop: CoreDNS log',
    fix: 'mends',
  },
  {
    name: 'a zone without log',
    break: (run) =>
      run.eks.configMaps.set('coredns', {
        corefile: '.:53 {\n    log\n    reload\n}\ncorp.example:53 {\n    forward . 192.0.2.1\n}\n',
        version: 1,
      }),
    check: 'shop: CoreDNS log',
    fix: 'mends',
  },
  {
    name: 'EKS Auto Mode',
    break: (run) => {
      run.eks.isAutoMode = true;
    },
    check: 'shop: CoreDNS log',
    fix: 'shows',
  },
];
