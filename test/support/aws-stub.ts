// EKS `DescribeCluster`, EC2 `DescribeInstances` and STS `AssumeRole` over HTTP, as far as the directory uses them. What a
// request finds depends on the account of its credentials and on its region.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isDeserted } from './deserted.ts';

/** The members of an instance that a test sets. */
export type StubInstance = Partial<Place> & {
  readonly id: string;
  readonly vpcId: string;
  readonly ips?: readonly string[];
  readonly prefixes?: readonly string[];
  readonly type?: string;
  readonly zone?: string;
  readonly lifecycle?: string;
  readonly tags?: Readonly<Record<string, string>>;
};

/** The members of a cluster that a test sets. */
export type StubCluster = Partial<Place> & {
  readonly endpoint: string;
  readonly ca: string;
  readonly vpcId: string;
};

/** Account and region; by default those of the environment. */
type Place = { readonly accountId: string; readonly region: string };

const OWN: Place = { accountId: '111122223333', region: 'eu-west-1' };

const placeText = ({ accountId = OWN.accountId, region = OWN.region }: Partial<Place>): string =>
  `${accountId}/${region}`;

type Kind = 'eks' | 'ec2' | 'sts';

/** Environment variables that direct the AWS clients to `url`, with dummy credentials. */
export const awsEnvironment = (url: string): Readonly<Record<string, string>> => ({
  AWS_ENDPOINT_URL_EKS: url,
  AWS_ENDPOINT_URL_EC2: url,
  AWS_ENDPOINT_URL_STS: url,
  AWS_ACCESS_KEY_ID: 'AKIDEXAMPLE',
  AWS_SECRET_ACCESS_KEY: 'test-only',
  AWS_REGION: 'eu-west-1',
  AWS_EC2_METADATA_DISABLED: 'true',
});

/** Serves both APIs until `close`. */
export async function startAwsStub() {
  const instances = new Map<string, StubInstance>();
  const clusters = new Map<string, StubCluster>();
  /** EC2 calls as `name=value,value;name=value`. */
  const calls: string[] = [];
  /** Every request, answered or not. */
  const requests: Kind[] = [];
  /** The same with account and region: `ec2 111122223333/eu-west-1`. */
  const places: string[] = [];
  /** Roles that were asked for: `<role ARN> <external id> <session name>`. */
  const roles: string[] = [];
  const refusedRoles = new Set<string>();
  let expiration = '2099-01-01T00:00:00Z';
  let hanging = 0;
  let answer: (kind: Kind, place: string) => 'hang' | 'fail' | undefined = () => undefined;
  let pageSize = 1000;

  const server = createServer(async (request, response) => {
    const { service: kind, place } = signatureOf(request);
    requests.push(kind);
    places.push(`${kind} ${place}`);
    const special = answer(kind, place);
    if (special === 'hang') {
      hanging += 1;
      return void response.once('close', () => {
        hanging -= 1;
      });
    }
    if (special === 'fail') return void response.writeHead(503).end();
    if (kind === 'eks') {
      const name = decodeURIComponent((request.url ?? '').replace('/clusters/', ''));
      const cluster = clusters.get(`${place}/${name}`);
      const headers = { 'content-type': 'application/json', 'x-amzn-errortype': 'ResourceNotFoundException' };
      if (!cluster)
        return void response.writeHead(404, headers).end(JSON.stringify({ message: `No cluster: ${name}.` }));
      return void response.end(JSON.stringify({ cluster: describeCluster(name, cluster) }));
    }
    const form = new URLSearchParams(await bodyOf(request));
    if (kind === 'sts') {
      const roleArn = form.get('RoleArn') ?? '';
      roles.push(`${roleArn} ${form.get('ExternalId')} ${form.get('RoleSessionName')}`);
      const isRefused = refusedRoles.has(roleArn);
      response.writeHead(isRefused ? 403 : 200, { 'content-type': 'text/xml' });
      return void response.end(isRefused ? REFUSED_XML : sessionXml(roleArn, expiration));
    }
    const filters = filtersOf(form);
    calls.push(filters.map(({ name, values }) => `${name}=${values.join(',')}`).join(';'));
    const found = [...instances.values()].filter(
      (instance) => placeText(instance) === place && filters.every((filter) => matches(instance, filter)),
    );
    const from = Number(form.get('NextToken') ?? 0);
    const next = from + pageSize < found.length ? `<nextToken>${from + pageSize}</nextToken>` : '';
    const items = found
      .slice(from, from + pageSize)
      .map(reservationXml)
      .join('');
    response.writeHead(200, { 'content-type': 'text/xml' });
    response.end(
      `<DescribeInstancesResponse><reservationSet>${items}</reservationSet>${next}</DescribeInstancesResponse>`,
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));

  return {
    calls,
    requests,
    places,
    roles,
    /** Decides whether STS refuses a role. */
    refuseRole: (roleArn: string, isRefused: boolean): void =>
      void (isRefused ? refusedRoles.add(roleArn) : refusedRoles.delete(roleArn)),
    /** End of the sessions that STS creates from now on, RFC 3339. */
    expireAt: (text: string): void => {
      expiration = text;
    },
    /** Number of open requests that will not be answered. */
    hanging: (): number => hanging,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    putInstance: (instance: StubInstance): void => void instances.set(instance.id, instance),
    removeInstance: (id: string): void => void instances.delete(id),
    putCluster: (name: string, cluster: StubCluster): void =>
      void clusters.set(`${placeText(cluster)}/${name}`, cluster),
    answerWith: (next: typeof answer): void => {
      answer = next;
    },
    pageBy: (size: number): void => {
      pageSize = size;
    },
    isDeserted: async (): Promise<boolean> => isDeserted(server),
    close: async (): Promise<void> => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

/** Service, account and region of a signed request; keys of assumed roles end with the account. */
function signatureOf({ headers }: IncomingMessage): { readonly service: Kind; readonly place: string } {
  const [, key = '', region = '', service = ''] =
    /Credential=([^/]+)\/\d+\/([^/]+)\/([^/]+)\//.exec(headers.authorization ?? '') ?? [];
  const accountId = /\d{12}$/.exec(key)?.[0] ?? OWN.accountId;
  return { service: service as Kind, place: placeText({ accountId, region }) };
}

const REFUSED_XML = `<ErrorResponse><Error><Type>Sender</Type><Code>AccessDenied</Code><Message>User: arn:aws:sts::111122223333:assumed-role/dns/dns is not authorized to perform: sts:AssumeRole</Message></Error></ErrorResponse>`;

function sessionXml(roleArn: string, expiration: string): string {
  const fields = [
    tag('AccessKeyId', `ASIA${roleArn.split(':')[4]}`),
    tag('SecretAccessKey', 'test-only'),
    tag('SessionToken', `session of ${roleArn}`),
    tag('Expiration', expiration),
  ];
  const result = tag('AssumeRoleResult', tag('Credentials', fields.join('')));
  return tag('AssumeRoleResponse', result);
}

const describeCluster = (name: string, { endpoint, ca, vpcId, ...place }: StubCluster) => ({
  name,
  arn: `arn:aws:eks:${place.region ?? OWN.region}:${place.accountId ?? OWN.accountId}:cluster/${name}`,
  endpoint,
  status: 'ACTIVE',
  certificateAuthority: { data: Buffer.from(ca).toString('base64') },
  resourcesVpcConfig: { vpcId },
});

async function bodyOf(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  return Buffer.concat(chunks).toString();
}

type FilterText = { readonly name: string; readonly values: readonly string[] };

function filtersOf(form: URLSearchParams): readonly FilterText[] {
  const filters: FilterText[] = [];
  for (let f = 1; form.has(`Filter.${f}.Name`); f += 1) {
    const values: string[] = [];
    for (let v = 1; form.has(`Filter.${f}.Value.${v}`); v += 1)
      values.push(form.get(`Filter.${f}.Value.${v}`) ?? '');
    filters.push({ name: form.get(`Filter.${f}.Name`) ?? '', values });
  }
  return filters;
}

function matches(instance: StubInstance, { name, values }: FilterText): boolean {
  if (name === 'instance-id') return values.includes(instance.id);
  if (name === 'vpc-id') return values.includes(instance.vpcId);
  const isPrefix = name === 'network-interface.ipv4-prefixes.ipv4-prefix';
  const own = (isPrefix ? instance.prefixes : instance.ips) ?? [];
  return own.some((value) => values.includes(value));
}

function reservationXml(instance: StubInstance): string {
  const tags = Object.entries(instance.tags ?? {}).map(([key, value]) =>
    item(tag('key', key) + tag('value', value)),
  );
  const ips = (instance.ips ?? []).map((ip) => item(tag('privateIpAddress', ip)));
  const prefixes = (instance.prefixes ?? []).map((prefix) => item(tag('ipv4Prefix', prefix)));
  const network = item(tag('privateIpAddressesSet', ips.join('')) + tag('ipv4PrefixSet', prefixes.join('')));
  const fields = [
    tag('instanceId', instance.id),
    tag('instanceType', instance.type ?? 'm7g.large'),
    tag('vpcId', instance.vpcId),
    tag('privateDnsName', `${instance.id}.eu-west-1.compute.internal`),
    tag('placement', tag('availabilityZone', instance.zone ?? 'eu-west-1a')),
    instance.lifecycle === undefined ? '' : tag('instanceLifecycle', instance.lifecycle),
    tag('networkInterfaceSet', network),
    tag('tagSet', tags.join('')),
  ];
  return item(tag('instancesSet', item(fields.join(''))));
}

const tag = (name: string, content: string): string => `<${name}>${content}</${name}>`;
const item = (content: string): string => tag('item', content);
