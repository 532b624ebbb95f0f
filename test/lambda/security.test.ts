// The claims of SECURITY.md about the built function.
import { existsSync, readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, it } from '@jest/globals';
import { type BuildOptions, build } from 'esbuild';
import { startStubServices } from '../../scripts/tools/faults/stub-services.ts';
import { bundleUrl } from '../../src/cli/lib/io/bundle.ts';
import { createFunction } from '../../src/cli/lib/simulate/function.ts';

// The permission model lost its prefix in Node 23.5.
const PERMISSION = process.allowedNodeEnvironmentFlags.has('--permission')
  ? '--permission'
  : '--experimental-permission';

/** Prints the destination of each socket of the function. */
const WATCH = `data:text/javascript,${encodeURIComponent(`
  import { Socket } from 'node:net';
  const connect = Socket.prototype.connect;
  Socket.prototype.connect = function (...args) {
    const { host, port, path } = [args[0]].flat(2)[0] ?? {};
    console.log('CONNECT ' + (path ?? host + ':' + port));
    return connect.apply(this, args);
  };
`)}`;

const GROUPS = ['/dns/coredns', '/aws/vendedlogs/route53/dns'] as const;

/** A batch of a CoreDNS and a Resolver line through the bundle, which may only read its own folder. */
async function invoke(env: Readonly<Record<string, string>>) {
  const lines: string[] = [];
  const lambda = createFunction({
    bundle: bundleUrl('dist/index.mjs'),
    env: { ...env, COREDNS_LOG_GROUPS: GROUPS[0] },
    timeoutMs: 600_000,
    nodeArgs: [PERMISSION, `--allow-fs-read=${resolve('dist')}/*`, '--import', WATCH],
    onLine: (line) => lines.push(line),
  });
  const messages = [
    '[INFO] 10.0.0.7:4000 - 1 "A IN example.com. udp 40 false 512" NOERROR qr,rd,ra 80 0.0001s',
    JSON.stringify({
      version: '1.100000',
      account_id: '111122223333',
      region: 'eu-west-1',
      vpc_id: 'vpc-0a1b2c3d4e5f60718',
      query_timestamp: new Date().toISOString(),
      query_name: 'example.com.',
      query_type: 'A',
      query_class: 'IN',
      rcode: 'NOERROR',
      answers: [],
      srcaddr: '10.0.0.7',
      srcport: '4000',
      transport: 'UDP',
      srcids: { instance: 'i-0aaaaaaaaaaaaaaaa' },
    }),
  ];
  const records = messages.map((message, i) => {
    const logEvents = [{ id: '1', timestamp: Date.now(), message }];
    const head = { messageType: 'DATA_MESSAGE', owner: '111122223333', logGroup: GROUPS[i], logStream: 's' };
    const data = gzipSync(JSON.stringify({ ...head, subscriptionFilters: ['f'], logEvents }));
    return { recordId: `${i}`, approximateArrivalTimestamp: Date.now(), data: data.toString('base64') };
  });
  const event = { invocationId: 'i', deliveryStreamArn: 'arn:aws:x', region: 'eu-west-1', records };
  const { text, error } = await lambda.invoke(event);
  await lambda.stop();
  const metrics = lines.filter((line) => line.startsWith('{"_aws"')).map((line) => JSON.parse(line));
  const connections = lines.flatMap((line) => /^CONNECT (.*)/.exec(line)?.[1] ?? []);
  return { text, error, metrics, connections: [...new Set(connections)] };
}

it('opens no connection when no look-up is configured', async () => {
  const { text, error, metrics, connections } = await invoke({ EC2_LOOKUP: 'off' });
  expect(error).toBeUndefined();
  expect(text).toContain('"Ok"');
  expect(metrics).toEqual([expect.objectContaining({ EventsCoreDns: 1, EventsResolver: 1 })]);
  expect(connections).toEqual([]);
});

/** Proxies that nobody runs: look-ups do not use them. */
const PROXIES = {
  NODE_USE_ENV_PROXY: '1',
  HTTP_PROXY: 'http://127.0.0.1:9',
  HTTPS_PROXY: 'http://127.0.0.1:9',
  https_proxy: 'http://127.0.0.1:9',
};

it('connects only to EKS, EC2 and the cluster, without files or processes', async () => {
  const services = await startStubServices();
  try {
    const { error, metrics, connections } = await invoke({
      ...services.env,
      ...PROXIES,
      LOOKUP_BUDGET_MS: '60000',
    });
    expect(error).toBeUndefined();
    expect(metrics).toEqual([expect.objectContaining({ AttributionExact: 2, DirectoryErrors: 0 })]);
    const expected = [services.aws.url, services.kubernetes.endpoint].map((url) => new URL(url).host);
    expect(connections.sort()).toEqual(expected.sort());
  } finally {
    await services.close();
  }
});

it('contains the packages and licences that SECURITY.md lists, and no others', async () => {
  const { bundleOptions } = (await import(resolve('scripts/build.js'))) as { bundleOptions: BuildOptions };
  const entry = { entryPoints: ['src/lambda/handler.ts'], outdir: 'x', write: false };
  const { metafile } = await build({ ...bundleOptions, ...entry, metafile: true });
  const folders = Object.keys(metafile.inputs).flatMap(
    (path) => /^.*node_modules\/(?:@[^/]+\/)?[^/]+(?=\/)/.exec(path)?.[0] ?? [],
  );
  const found = new Map<string, string>();
  for (const folder of new Set(folders)) {
    if (!existsSync(`${folder}/package.json`)) continue;
    const { name, license } = JSON.parse(readFileSync(`${folder}/package.json`, 'utf8'));
    found.set(name, license);
  }
  const rows = [...readFileSync('SECURITY.md', 'utf8').matchAll(/^\| ([\w.-]+) \| (`.*`) \|$/gm)];
  const listed = rows.flatMap(([, license = '', names = '']) =>
    [...names.matchAll(/`([^`]+)`/g)].map(([, pattern = '']) => ({ license, pattern })),
  );
  const isListed = (name: string, license: string): boolean =>
    listed.some(
      (one) =>
        one.license === license &&
        (one.pattern === name || (one.pattern.endsWith('*') && name.startsWith(one.pattern.slice(0, -1)))),
    );
  expect(found.size).toBeGreaterThan(20);
  expect([...found].filter(([name, license]) => !isListed(name, license))).toEqual([]);
});
