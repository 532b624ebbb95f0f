/**
 * Where the client of an event is looked up: `log-group` = among the pods and nodes of the log group's cluster, `vpc` =
 * among the clusters and instances of the record's VPC, `none` = not at all, because it may be any address of the internet.
 */
export type ClientScope = 'log-group' | 'vpc' | 'none';

type LogSourceRow = {
  /** Printed as `log.source`. */
  readonly name: string;
  /** For people: tables, findings of `doctor`. */
  readonly label: string;
  /** CloudWatch metric that counts the source's normalised events. */
  readonly metric: string;
  /** One letter for the field table (`dynatrace/FIELDS.md`). */
  readonly legend: string;
  readonly clientScope: ClientScope;
  /** Printed as `aws.service`, as Dynatrace's own rule for the log sets it; undefined = no such rule. */
  readonly awsService: string | undefined;
  /** Who writes the log: CoreDNS's container, or Route 53 itself. */
  readonly writer: 'coredns' | 'route53';
  /** Prefixes of log groups that AWS reserves for the log. */
  readonly ownGroups: readonly string[];
};

/**
 * Every DNS log that can be read. Summary, metrics, look-up keys, field table, `doctor` and `correlate` are derived from
 * this table; the parser of each is listed in `sources/index.ts`.
 */
export const LOG_SOURCES = [
  {
    name: 'coredns',
    label: 'CoreDNS',
    metric: 'EventsCoreDns',
    legend: 'C',
    clientScope: 'log-group',
    awsService: undefined,
    writer: 'coredns',
    ownGroups: [],
  },
  {
    name: 'aws.vpcdnsquerylogs',
    label: 'Resolver',
    metric: 'EventsResolver',
    legend: 'R',
    clientScope: 'vpc',
    awsService: 'route53',
    writer: 'route53',
    ownGroups: ['/aws/vendedlogs/route53'],
  },
  {
    name: 'aws.route53.public',
    label: 'public zone',
    metric: 'EventsPublicZone',
    legend: 'P',
    clientScope: 'none',
    awsService: undefined,
    writer: 'route53',
    ownGroups: ['/aws/vendedlogs/route53', '/aws/route53/'],
  },
  {
    name: 'aws.route53.ocsf',
    label: 'Route 53 OCSF',
    metric: 'EventsOcsf',
    legend: 'O',
    clientScope: 'vpc',
    awsService: 'route53',
    writer: 'route53',
    ownGroups: ['/aws/vendedlogs/route53'],
  },
] as const satisfies readonly LogSourceRow[];

/** One of `LOG_SOURCES` by name. */
export type LogSourceName = (typeof LOG_SOURCES)[number]['name'];

/** A value for each source: `bySource(() => 0)`. */
export const bySource = <T>(toValue: (source: (typeof LOG_SOURCES)[number]) => T): Record<LogSourceName, T> =>
  Object.fromEntries(LOG_SOURCES.map((source) => [source.name, toValue(source)])) as Record<LogSourceName, T>;

/** The client scope of a source, by name. */
export const CLIENT_SCOPES: Readonly<Record<LogSourceName, ClientScope>> = bySource(
  ({ clientScope }) => clientScope,
);

/** The value of `aws.service` of a source, by name. */
export const AWS_SERVICES: Readonly<Record<LogSourceName, string | undefined>> = bySource(
  ({ awsService }) => awsService,
);
