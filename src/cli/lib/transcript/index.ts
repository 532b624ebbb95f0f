// The transcript of `doctor`: what it printed, for a report.
import { closeSync, openSync, readFileSync, writeSync } from 'node:fs';
import { join } from 'node:path';
import { EXIT, fail } from '../../terminal.ts';
import { arnParts } from '../aws/arn.ts';
import type { Check, Found } from '../doctor/index.ts';
import { linesOf } from '../doctor/print-checks.ts';
import { packageFolder } from '../io/package-folder.ts';
import { createMask, type Known } from './mask.ts';
import type { Kind } from './patterns.ts';

/** Settings of the function that hold names. */
const NAMING = [
  'CLUSTERS',
  'CLUSTER_NAMES',
  'LOG_GROUP_CLUSTERS',
  'COREDNS_LOG_GROUPS',
  'RESOLVER_LOG_GROUPS',
  'COREDNS_CONTAINERS',
  'COREDNS_NAMESPACE',
  'CLUSTER_DOMAINS',
  'SEARCH_DOMAINS',
  'STATIC_ATTRIBUTES',
  'STATE_BUCKET',
  'STATE_PREFIX',
  'POWERTOOLS_SERVICE_NAME',
];
const SECRET_SETTINGS = ['RECORD_KEY', 'CLUSTER_ROLE_EXTERNAL_ID'];
const SECRET_VARIABLES = ['AWS_SECRET_ACCESS_KEY', 'AWS_SESSION_TOKEN', 'AWS_ACCESS_KEY_ID', 'DT_TOKEN'];

/** What identifies the setup that was found; `more` = names that only the caller knows. */
function knownOf(found: Found | undefined, more: readonly string[]): Known {
  const {
    dnsFunction,
    stream,
    clusters = [],
    coreDnsGroups = [],
    resolverGroups = [],
    session,
  } = found ?? {};
  const variables = dnsFunction?.variables ?? {};
  const names: (readonly [Kind, string | undefined])[] = [
    ...clusters.flatMap(({ name, vpcId }) => [['cluster', name] as const, ['id', vpcId] as const]),
    ['stream', stream?.name],
    ['function', dnsFunction?.name],
    ...[dnsFunction?.roleArn, stream?.http?.roleArn].map((arn) => ['role', lastOf(arn)] as const),
    ...[dnsFunction?.logGroup, stream?.http?.errorLogGroup, ...coreDnsGroups, ...resolverGroups].map(
      (group) => ['log-group', isOfAws(group) ? undefined : group] as const,
    ),
    ['name', lastOf(stream?.http?.backupBucketArn)],
    ...NAMING.flatMap((variable) => (variables[variable] ?? '').split(/[,=\s]+/)).map(
      (value) => ['name', value.startsWith('arn:') ? lastOf(value) : value] as const,
    ),
    ...more.map((name) => ['name', name] as const),
  ];
  const given = [
    ...SECRET_SETTINGS.map((name) => variables[name]),
    ...SECRET_VARIABLES.map((name) => process.env[name]),
    session?.token.secret,
  ];
  return {
    names: names.flatMap(([kind, value]) =>
      value === undefined || value.length < 2 ? [] : [[kind, value] as const],
    ),
    secrets: given.filter((one) => one !== undefined),
  };
}

/** Parts of such paths are masked one by one, which leaves the form. */
const isOfAws = (group: string | undefined): boolean => group?.startsWith('/aws/') === true;

const lastOf = (arn: string | undefined): string | undefined =>
  arn === undefined ? undefined : arnParts(arn).resource.split(/[:/]/).at(-1);

/** A transcript whose file is open. */
type Transcript = {
  /** Writes checks and last line, masked; `names` = what the user named. */
  readonly write: (
    checks: readonly Check[],
    end: string,
    found: Found | undefined,
    names: readonly string[],
  ) => void;
};

/** Opens the file, before anything else is done. Only its owner may read it. */
export function openTranscript(path: string): Transcript {
  let file: number;
  try {
    file = openSync(path, 'w', 0o600);
  } catch (error) {
    throw fail(
      `the transcript cannot be written: ${(error as NodeJS.ErrnoException).code}`,
      'name a file in a folder that exists: --transcript <file>',
      EXIT.usage,
    );
  }
  return {
    write: (checks, end, found, names) => {
      const more = [...names, ...checks.flatMap((check) => check.names ?? [])];
      const mask = createMask(knownOf(found, more));
      const lines = [...linesOf(checks), '', end].map(mask);
      writeSync(file, `${[headerOf(), '', ...lines].join('\n')}\n`);
      closeSync(file);
    },
  };
}

function headerOf(): string {
  const { version } = JSON.parse(readFileSync(join(packageFolder(), 'package.json'), 'utf8'));
  return `eks-dns doctor ${version}, Node.js ${process.versions.node}, ${process.platform}; names, ids and addresses are masked`;
}
