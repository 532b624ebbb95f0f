import type { Random } from '../../src/cli/lib/simulate/random.ts';

// Patterns of names that are long, deep or random-looking but harmless, by their origin. In braces:
// {hex:n} {a36:n} {n:n} random hex, base36, digits; {guid}; {w} a word; {r} a region; {v4} {v6} a reversed address.
const SHAPES: Readonly<Record<string, readonly string[]>> = {
  'content delivery': [
    'd{a36:13}.cloudfront.net',
    'e{n:5}.dsc{hex:1}.akamaiedge.net',
    'a{n:4}.g2.akamai.net',
    '{w}.{w}.com.edgekey.net',
    '{w}.com-c-3.edgekey.net.globalredir.akadns.net',
    'www.{w}.com-v1.edgesuite.net.globalredir.akadns.net',
    'prod.{w}.map.fastly.net',
    '{a36:8}.{w}.map.fastlylb.net',
    '{w}.com.cdn.cloudflare.net',
    '{w}-{w}.b-cdn.net',
    'cs{n:3}.wpc.{hex:6}.epsiloncdn.net',
    '{a36:8}-{n:2}.kxcdn.com',
    '{w}.azureedge.net',
    '{w}-{a36:16}.z01.azurefd.net',
    'r{n:1}---sn-{a36:11}.googlevideo.com',
    '{hex:32}.safeframe.googlesyndication.com',
    'lh3.googleusercontent.com',
    '{hex:32}.clo.footprintdns.com',
    'cdn-{a36:10}.{w}.imgix.net',
    '{w}.{w}.cdn.jsdelivr.net',
  ],
  'cloud services': [
    '{hex:32}.{r}.aws.found.io',
    'cluster0-shard-00-{n:2}.{a36:5}.mongodb.net',
    'pl-0-{r}.{a36:5}.mongodb.net',
    '{w}-{w}-{a36:10}-uc.a.run.app',
    '{r}-{w}-{n:6}.cloudfunctions.net',
    '{w}-{w}.{r}.sql.goog',
    '{w}{n:3}.privatelink.blob.core.windows.net',
    'md-{a36:12}.z{n:2}.blob.storage.azure.net',
    '{guid}.ods.opinsights.azure.com',
    '{guid}.workspace.westeurope.cert.api.azureml.ms',
    '{guid}.agentsvc.azure-automation.net',
    '{w}-{w}-{a36:8}.hcp.westeurope.azmk8s.io',
    '{guid}.cfargotunnel.com',
    '{w}-{w}-{w}-{w}.trycloudflare.com',
    '{guid}.mock.pstmn.io',
    '{w}-git-{w}-{w}-{w}-{w}-team.vercel.app',
    '{hex:8}--{w}-{w}.netlify.app',
    'ec2-203-0-113-{n:2}.{r}.compute.example-cloud.com',
    '{a36:7}-{a36:7}.snowflakecomputing.com',
    '{w}-{a36:8}.{r}.privatelink.snowflakecomputing.com',
    '{w}.{w}.{r}.aivencloud.com',
    'redis-{n:5}.c{n:3}.{r}-1-2.ec2.redns.redis-cloud.com',
    'pkc-{a36:5}.{r}.aws.confluent.cloud',
    'lkc-{a36:6}-{a36:6}.{r}.aws.glb.confluent.cloud',
    '{w}--{w}.sandbox.my.salesforce.com',
    '{w}--{w}.c.{r}.content.force.com',
    '{w}-{n:6}.okta-emea.com',
    '{w}.eu.auth0.com',
    'us-docker.pkg.dev',
    'production.cloudflare.docker.com',
    '{w}-{w}-prod-{r}.s3-object-lambda.example-cloud.com',
    'vault-cluster-public-vault-{hex:8}.{hex:8}.z1.hashicorp.cloud',
    '{w}.{w}.{r}.prod.{w}.internal-services.example.com',
  ],
  AWS: [
    '{hex:32}.gr7.{r}.eks.amazonaws.com',
    'a{hex:31}-{n:10}.{r}.elb.amazonaws.com',
    'k8s-{w}-{w}-{hex:10}-{hex:16}.elb.{r}.amazonaws.com',
    'internal-{w}-{n:9}.{r}.elb.amazonaws.com',
    'vpce-{hex:17}-{a36:8}.execute-api.{r}.vpce.amazonaws.com',
    'search-{w}-{w}-{a36:26}.{r}.es.amazonaws.com',
    '{w}-{w}.cluster-ro-{a36:12}.{r}.rds.amazonaws.com',
    'prod-{r}-starport-layer-bucket.s3.{r}.amazonaws.com',
    '111122223333.dkr.ecr.{r}.amazonaws.com',
    '{a36:32}.lambda-url.{r}.on.aws',
    'master.{w}-{w}.{a36:6}.use1.cache.amazonaws.com',
    'ip-10-0-{n:2}-{n:2}.{r}.compute.internal',
  ],
  reverse: ['{v4}.in-addr.arpa', '{v6}.ip6.arpa', 'lb._dns-sd._udp.{v4}.in-addr.arpa'],
  cluster: [
    '{w}-{a36:10}.{w}.{w}.svc.cluster.local',
    '{hex:40}.{w}-headless.{w}.svc.cluster.local',
    '10-0-{n:2}-{n:2}.{w}.pod.cluster.local',
    '_{w}._tcp.{w}.{w}.svc.cluster.local',
    '{guid}.ods.opinsights.azure.com.{w}.svc.cluster.local',
  ],
  telemetry: [
    '{a36:8}.live.dynatrace.com',
    '{w}-{guid}.dynatrace-managed.com',
    '{a36:8}.apps.dynatrace.com',
    '7-{n:2}-{n:1}-app.agent.datadoghq.com',
    'trace.agent.datadoghq.eu',
    'o{n:7}.ingest.us.sentry.io',
    'o{n:6}.ingest.sentry.io',
    'collector-{n:3}.newrelic.com',
    'bam-cell.nr-data.net',
    'logs-prod-{n:3}.grafana.net',
    '{w}.eu01.nr-data.net',
    'mobile.pipe.aria.microsoft.com',
    'eu-v20.events.endpoint.security.microsoft.com',
    'settings-win.data.microsoft.com',
    '{guid}.events.data.microsoft.com',
    'onecollector-{r}.prod.{w}.trafficmanager.net',
    'api.{hex:24}.segmentapis.com',
    '{n:7}.fls.doubleclick.net',
    'firebase-settings.crashlytics.com',
    '{hex:16}.bugsnag-endpoints.com',
    'http-inputs-{w}.splunkcloud.com',
    'prd-p-{a36:5}.splunkcloud.com',
    'collectors.{r}.sumologic.com',
    '{w}-{hex:12}.logit.io',
    'elb-{w}-{hex:10}.honeycomb.io',
  ],
  'block lists': [
    '{v4}.zen.spamhaus.org',
    '{v6}.zen.spamhaus.org',
    '{v4}.bl.spamcop.net',
    '{v6}.dnsbl.example-blocklist.org',
    '{v4}.b.barracudacentral.org',
    '{a36:26}.{v4}.zen.dq.spamhaus.net',
    '{w}.com.multi.surbl.org',
    '{hex:40}.ebl.msbl.org',
    '{hex:32}.malware.hash.cymru.com',
    '{v4}.origin.asn.cymru.com',
    '{v4}.list.dnswl.org',
  ],
  'service discovery': [
    '_{w}._tcp.{w}.example.com',
    '_ldap._tcp.{guid}.domains._msdcs.corp.example.com',
    '_kerberos._tcp.default-first-site-name._sites.dc._msdcs.corp.example.com',
    '_mongodb._tcp.cluster0.{a36:5}.mongodb.net',
    '_etcd-server-ssl._tcp.{w}.{r}.example.com',
    '_acme-challenge.{w}.{w}.example.com',
    '_{hex:32}.{w}.example.com',
    '{hex:32}.{hex:32}.{a36:10}.comodoca.com',
    '{w}._domainkey.{w}.example.com',
    'b._dns-sd._udp.{w}.example.com',
    '{w}-{n:1}.{w}-headless.{w}.svc.{w}.clusters.example.com',
    'ip-10-0-{n:2}-{n:2}.{r}.nodes.example.com',
    'kafka-{n:1}.kafka-brokers.{w}.{r}.msk.example.com',
    '{guid}.device.{w}-iot.example.com',
  ],
  'plain hosts': [
    'api.{w}.com',
    'www.{w}.org',
    '{w}.{w}.io',
    'registry.npmjs.org',
    'proxy.golang.org',
    'objects.githubusercontent.com',
    'pipelines.actions.githubusercontent.com',
    '{w}.{w}.co.uk',
    'auth.{w}-{w}.com',
    'deb.debian.org',
    'login.microsoftonline.com',
    'hooks.slack.com',
    '{w}-{w}-{w}.{w}.{w}.com',
    'smtp-relay.{w}.net',
    '{w}{w}{n:2}-{w}{w}{n:1}-{w}.{r}.example.net',
    '{w}2{w}-{w}2{w}-{w}.{r}.example.net',
    '{w}{w}{w}{w}{w}{w}.example.org',
  ],
};

/** Harmless names that raise a signal, which is accepted, by reason. */
export const KNOWN_TO_RAISE: Readonly<Record<string, readonly string[]>> = {
  'SHA-1 as a name': ['{hex:40}.preview.{w}-apps.com'],
  'content id of IPFS': ['bafybei{a36:52}.ipfs.dweb.link'],
  'internationalised domain': ['www.xn--{a36:8}.com', 'xn--{w}-{a36:3}.example.org'],
};

const WORDS =
  'account analytics api archive assets backend billing blue cart catalog checkout config content customer dashboard data delivery dev edge events export feature finance frontend gateway global images integration inventory login mail media metrics mobile notification orders partner payment platform preview prod profile queue registry reporting search secure service shipping shop staging static storage store stream support test tracking upload users video warehouse web'.split(
    ' ',
  );
const REGIONS = ['us-east-1', 'eu-central-1', 'ap-southeast-2', 'westeurope', 'us-west-2', 'europe-west4'];
const HEX = '0123456789abcdef';
const BASE36 = '0123456789abcdefghijklmnopqrstuvwxyz';

/** Kinds of harmless names; a kind's share of a sample is proportional to its number of patterns. */
export const HARMLESS_KINDS: readonly string[] = Object.keys(SHAPES);

/** `perShape` names of every pattern of a kind, lower case, without final dot. */
export function harmlessNames(random: Random, kind: string, perShape: number): string[] {
  return (SHAPES[kind] ?? KNOWN_TO_RAISE[kind] ?? []).flatMap((shape) =>
    Array.from({ length: perShape }, () =>
      shape.replace(/\{(\w+)(?::(\d+))?\}/g, (_all, what: string, length: string) =>
        fill(random, what, Number(length)),
      ),
    ),
  );
}

function fill(random: Random, what: string, length: number): string {
  const hex = (count: number): string => random.text(HEX, count);
  if (what === 'hex') return hex(length);
  if (what === 'a36') return random.text(BASE36, length);
  if (what === 'n') return random.text('123456789', length);
  if (what === 'guid') return `${hex(8)}-${hex(4)}-4${hex(3)}-a${hex(3)}-${hex(12)}`;
  if (what === 'w') return random.pick(WORDS);
  if (what === 'r') return random.pick(REGIONS);
  if (what === 'v4') return Array.from({ length: 4 }, () => random.int(256)).join('.');
  return [...hex(32)].join('.');
}
