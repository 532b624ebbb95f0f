// Services that send more than a function with 512 MB can hold, or that repeat its secrets: what a tenant of a cluster,
// or whoever answers in place of a service, may send. The look-up may fail, the function must not.
import { gzipSync } from 'node:zlib';
import { fatPod } from './fat-pods.ts';
import { type Fault, HEALTHY, healthy, type Services } from './fault.ts';
import {
  awsServer,
  cluster,
  empty,
  eventOf,
  gzipped,
  kubernetesServer,
  MEBIBYTE,
  pagesOf,
  VPC,
  writeForEver,
} from './hostile-servers.ts';
import { type StubServices, startStubServices } from './stub-services.ts';

const NOTE = 'metadata.dynatrace.com/note';
const BIG_NOTE = { annotations: { [NOTE]: 'n'.repeat(250_000) } };
const TOKEN = /k8s-aws-v1|aHR0cHM6Ly9zdHMu|Signature=/;

const several: Fault['records'] = function* (traffic) {
  for (let i = 0; i < 4; i++) yield healthy(traffic, 100);
};

/** Long enough for a busy machine to reach the limits of bytes. */
const PATIENT = { LOOKUP_BUDGET_MS: '60000' };

/** Longer than `REFRESH_SECONDS`, so that each invocation after the first one watches. */
const WATCHED = { stream: { bufferBytes: 12_000, pauseMs: 1200 } };

/** For services that are only limited by time. */
const SHORT = { ...WATCHED, env: { LOOKUP_BUDGET_MS: '8000' } };

/** Goal at 512 MB. */
const LIMITS = { maxPeakBytes: 400e6, maxCpuMs: 10_000 };

const hostile = (
  name: string,
  metric: string,
  services: (stub: StubServices) => Promise<unknown>,
  more: Partial<Fault> = {},
): Fault => ({
  name,
  metric,
  outcomes: HEALTHY,
  records: several,
  ...LIMITS,
  env: PATIENT,
  secret: TOKEN,
  stream: { bufferBytes: 60_000 },
  async services() {
    const stub = await startStubServices();
    const changed = await services(stub);
    return (changed as Services | undefined) ?? stub;
  },
  ...more,
});

/** Resolver records with ids and addresses of their author's making: a thousand VPCs, or what a wildcard selects. */
const invented: Fault['records'] = function* (traffic) {
  let next = 0;
  for (let i = 0; i < 20; i++) {
    const drafts = Array.from({ length: 250 }, () => {
      next += 1;
      const hex = next.toString(16).padStart(17, '0');
      const [vpcId, instance] = next % 50 === 0 ? ['vpc-*', 'i-*'] : [`vpc-${hex}`, `i-${hex}`];
      const record = {
        version: '1.100000',
        account_id: '111122223333',
        region: 'eu-central-1',
        vpc_id: next % 2 === 0 ? vpcId : VPC,
        query_timestamp: new Date().toISOString(),
        query_type: 'A',
        query_class: 'IN',
        rcode: 'NOERROR',
        answers: [],
        srcaddr: `10.${100 + (next >> 16)}.${(next >> 8) & 255}.${next & 255}`,
        srcport: '4000',
        transport: 'UDP',
        srcids: { instance },
      };
      const message = (marker: string): string =>
        JSON.stringify({ ...record, query_name: `${marker}.example.com.` });
      return { message, isDns: true };
    });
    yield traffic.envelope(drafts);
  }
};

/** Counts the calls of EC2. */
function countedCalls() {
  let calls: readonly string[] = [];
  return {
    services: async () => {
      const stub = await startStubServices();
      calls = stub.aws.calls;
      return stub;
    },
    check: () => [
      ...(calls.length <= 130 ? [] : [`${calls.length} calls of EC2`]),
      ...(calls.some((call) => call.includes('*')) ? ['a wildcard in a filter'] : []),
    ],
  };
}

/** All faults of this file. */
export const HOSTILE_FAULTS: readonly Fault[] = [
  hostile('hostile: pages of pods with 250 kB of annotations', 'AttributionInferred', (stub) =>
    kubernetesServer(stub, cluster(pagesOf(2000, BIG_NOTE), empty)),
  ),
  hostile('hostile: pages of pods with 12,000 annotations each', 'AttributionInferred', (stub) => {
    const keys = Array.from({ length: 12_000 }, (_, i) => [`metadata.dynatrace.com/${i}`, 'x']);
    return kubernetesServer(stub, cluster(pagesOf(400, { annotations: Object.fromEntries(keys) }), empty));
  }),
  hostile('hostile: pages of pending pods with a spec of 1.4 MB', 'EventsIn', (stub) => {
    const pods = pagesOf(300, { environment: 'e'.repeat(1_400_000), phase: 'Pending' });
    return kubernetesServer(stub, cluster(pods, empty));
  }),
  hostile(
    'hostile: pages of pods with a spec of 1.4 MB of control characters',
    'AttributionInferred',
    (stub) => {
      const pods = pagesOf(100, { environment: '\u0001'.repeat(1_400_000) });
      return kubernetesServer(stub, cluster(pods, empty));
    },
  ),
  hostile(
    'hostile: a watch with an event of 64 MB',
    'EventsIn',
    (stub) => {
      const event = eventOf(1, { environment: 'e'.repeat(64 * MEBIBYTE) });
      return kubernetesServer(
        stub,
        cluster(empty, (_, response) => response.end(event)),
      );
    },
    WATCHED,
  ),
  hostile(
    'hostile: a watch with an event that never ends',
    'EventsIn',
    (stub) =>
      kubernetesServer(
        stub,
        cluster(empty, (_, response) => {
          response.write('{"type":"MODIFIED","object":{"spec":"');
          writeForEver(response, 'e'.repeat(MEBIBYTE));
        }),
      ),
    WATCHED,
  ),
  hostile(
    'hostile: a tenant patches 250 kB of annotations without end',
    'EventsIn',
    (stub) => {
      const event = eventOf(1, BIG_NOTE);
      return kubernetesServer(
        stub,
        cluster(empty, (_, response) => writeForEver(response, event)),
      );
    },
    SHORT,
  ),
  hostile(
    'hostile: a tenant patches small pods without end',
    'EventsIn',
    (stub) => {
      const events = Array.from({ length: 1000 }, (_, i) => eventOf(i, {})).join('');
      return kubernetesServer(
        stub,
        cluster(empty, (_, response) => writeForEver(response, events)),
      );
    },
    SHORT,
  ),
  hostile(
    'hostile: a list that never ends',
    'EventsIn',
    (stub) =>
      kubernetesServer(
        stub,
        cluster((_, response) => {
          response.write('{"metadata":{"resourceVersion":"7"},"items":[null');
          writeForEver(response, ',{"metadata":{"name":"a"}}'.repeat(40_000));
        }, empty),
      ),
    SHORT,
  ),
  hostile(
    'hostile: gzip bombs from Kubernetes',
    'EventsIn',
    (stub) => {
      const bomb = gzipSync(Buffer.alloc(1024 * MEBIBYTE, 0x20));
      return kubernetesServer(stub, (_, response) => gzipped(response).end(bomb));
    },
    SHORT,
  ),
  hostile(
    'hostile: endless pages of pods',
    'LookupsLate',
    (stub) => {
      let next = 0;
      return kubernetesServer(
        stub,
        cluster((_, response) => {
          const items = Array.from({ length: 500 }, () => {
            next += 1;
            const { start, spec, end } = fatPod(next, {});
            return `${start}{}${spec}${end}`;
          });
          response.end(
            `{"metadata":{"resourceVersion":"7","continue":"${next}"},"items":[${items.join(',')}]}`,
          );
        }, empty),
      );
    },
    SHORT,
  ),
  ...[403, 500].map((status) =>
    hostile(`hostile: a ${status} that never ends and repeats the token`, 'DirectoryErrors', (stub) =>
      kubernetesServer(stub, (_, response, { headers }) => {
        response.writeHead(status).write(`{"message":"${headers.authorization}"}`);
        writeForEver(response, ' '.repeat(MEBIBYTE));
      }),
    ),
  ),
  ...[401, 403, 500].map((status) =>
    hostile(`hostile: a ${status} that repeats the token`, 'DirectoryErrors', (stub) =>
      kubernetesServer(stub, (_, response, { headers }) => {
        response.writeHead(status).end(JSON.stringify({ message: `no: ${headers.authorization}` }));
      }),
    ),
  ),
  hostile('hostile: an answer of EKS that never ends', 'DirectoryErrors', (stub) =>
    awsServer(stub, 'EKS', (_, response) => {
      response.write('{"cluster":{"name":"');
      writeForEver(response, 'e'.repeat(MEBIBYTE));
    }),
  ),
  hostile('hostile: an answer of EC2 that never ends', 'DirectoryErrors', (stub) =>
    awsServer(stub, 'EC2', (_, response) => {
      response.write('<DescribeInstancesResponse><reservationSet>');
      writeForEver(response, '<item><instancesSet></instancesSet></item>'.repeat(20_000));
    }),
  ),
  hostile('hostile: EKS and EC2 errors that repeat the credentials', 'DirectoryErrors', (stub) =>
    awsServer(stub, 'EKS', (_, response, { headers }) => {
      response.writeHead(403, { 'content-type': 'application/json' });
      const message = `${headers.authorization} k8s-aws-v1.aHR0cHM6Ly9zdHMuZXUtd2VzdC0x`;
      response.end(JSON.stringify({ __type: 'AccessDenied', message }));
    }),
  ),
  hostile('hostile: lines that name VPCs and instances without end', 'EventsIn', async () => undefined, {
    ...countedCalls(),
    records: invented,
  }),
  hostile('hostile: NODE_TLS_REJECT_UNAUTHORIZED=0', 'DirectoryErrors', async () => undefined, {
    env: { NODE_TLS_REJECT_UNAUTHORIZED: '0' },
  }),
  hostile('hostile: endless pages of EC2', 'DirectoryErrors', (stub) => {
    let next = 0;
    return awsServer(stub, 'EC2', (_, response) => {
      const items = Array.from({ length: 1000 }, () => {
        next += 1;
        const id = `i-${next.toString(16).padStart(17, '0')}`;
        const tags = `<item><key>k</key><value>${'v'.repeat(256)}</value></item>`.repeat(20);
        return `<item><instancesSet><item><instanceId>${id}</instanceId><vpcId>${VPC}</vpcId><tagSet>${tags}</tagSet></item></instancesSet></item>`;
      });
      response.end(
        `<DescribeInstancesResponse><reservationSet>${items.join('')}</reservationSet><nextToken>${next}</nextToken></DescribeInstancesResponse>`,
      );
    });
  }),
];
