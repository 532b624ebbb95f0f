// What the name of a log group says about who writes to it. Anybody who may call `PutLogEvents` writes to other groups.
import { clusterInName } from '../model/log-group-name.ts';
import { bySource, type LogSourceName } from '../model/log-sources.ts';
import type { Settings } from '../model/settings.ts';
import { matchesWildcard } from '../util/wildcard.ts';

/**
 * What a log group proves about a line of a source in it.
 * - `proved`: the group's owner says that the source writes there (`COREDNS_LOG_GROUPS`, `RESOLVER_LOG_GROUPS`, or a name
 *   that AWS reserves for it).
 * - `shipped`: a log shipper writes there; what it adds to a line says which container printed the line.
 * - `unknown`: anything may write there.
 * - `refused`: the source certainly does not write there.
 * - `none`: there is no log group.
 */
export type GroupTrust = 'proved' | 'shipped' | 'unknown' | 'refused' | 'none';

/** The trust in a log group for each source. */
export type LogGroupTrust = Readonly<Record<LogSourceName, GroupTrust>>;

/** The settings on which trust depends. */
export type TrustSettings = Pick<
  Settings,
  'corednsContainers' | 'corednsNamespace' | 'corednsLogGroups' | 'resolverLogGroups' | 'logGroupClusters'
>;

const NO_GROUP: LogGroupTrust = bySource(() => 'none');

/** The trust in a log group; undefined or empty: the line has no log group. */
export function trustInLogGroup(logGroup: string | undefined, settings: TrustSettings): LogGroupTrust {
  if (logGroup === undefined || logGroup === '') return NO_GROUP;
  const coredns = trustForCoreDns(logGroup, settings);
  const others = settings.resolverLogGroups.length > 0 ? 'refused' : 'unknown';
  const isNamed = matchesAny(settings.resolverLogGroups, logGroup);
  return bySource(({ writer, ownGroups }) => {
    if (writer === 'coredns') return coredns;
    if (isNamed || ownGroups.some((prefix) => logGroup.startsWith(prefix))) return 'proved';
    return coredns === 'proved' || coredns === 'shipped' ? 'refused' : others;
  });
}

function trustForCoreDns(logGroup: string, settings: TrustSettings): GroupTrust {
  if (matchesAny(settings.corednsLogGroups, logGroup)) return 'proved';
  if (clusterInName(logGroup) !== undefined || settings.logGroupClusters.has(logGroup)) return 'shipped';
  return settings.corednsLogGroups.length > 0 ? 'refused' : 'unknown';
}

const matchesAny = (patterns: readonly string[], text: string): boolean =>
  patterns.some((pattern) => matchesWildcard(pattern, text));
