import { describe, expect, it } from '@jest/globals';
import { createUnwrapper } from '../../../src/core/wrapper/index.ts';
import { lineOf } from '../../support/log-line.ts';

const QUERY = '[INFO] 10.0.3.7:40001 - 11 "A IN shop.example. udp 30 false 512" NOERROR qr,rd,ra 60 0.0001s';
const unwrap = (text: string, logStream?: string) => createUnwrapper()(lineOf(text, logStream));

describe('what a tool prints before a line', () => {
  it.each([
    [
      'kubectl logs --prefix',
      '[pod/coredns-5c7b9-x2z4k/coredns] ',
      'coredns-5c7b9-x2z4k',
      'coredns',
      undefined,
    ],
    ['journalctl', 'Feb  3 04:05:06 node-7 coredns[77]: ', undefined, 'coredns', undefined],
    [
      'journalctl -o short-precise',
      'Feb 13 04:05:06.123456 node-7 coredns[77]: ',
      undefined,
      'coredns',
      undefined,
    ],
    [
      'journalctl -o short-full',
      'Sat 2024-02-03 04:05:06 CET node-7 coredns[77]: ',
      undefined,
      'coredns',
      undefined,
    ],
    [
      'journalctl -o short-iso',
      '2024-02-03T04:05:06+0100 node-7 coredns[77]: ',
      undefined,
      'coredns',
      '2024-02-03T03:05:06Z',
    ],
    [
      'rsyslog',
      '2024-02-03T04:05:06.5+01:00 node-7.lan node-cache[77]: ',
      undefined,
      'node-cache',
      '2024-02-03T03:05:06.5Z',
    ],
    ['syslog with a priority', '<30>Feb 13 04:05:06 node-7 coredns: ', undefined, 'coredns', undefined],
    [
      'RFC 5424',
      '<30>1 2024-02-03T04:05:06Z node-7 coredns 77 - - ',
      undefined,
      'coredns',
      '2024-02-03T04:05:06Z',
    ],
    [
      'RFC 5424 with a byte order mark',
      '<30>1 2024-02-03T04:05:06Z - coredns - ID1 - \ufeff',
      undefined,
      'coredns',
      '2024-02-03T04:05:06Z',
    ],
    [
      'a service of another name',
      'Feb 13 04:05:06 node-7 web@2.service[77]: ',
      undefined,
      'web@2.service',
      undefined,
    ],
  ])('%s', (_name, prefix, pod, container, time) => {
    expect(unwrap(prefix + QUERY)).toMatchObject({
      text: QUERY,
      isWrapped: true,
      timeMs: time === undefined ? undefined : Date.parse(time),
      producer: { pod, container, namespace: undefined },
      streamProducer: undefined,
    });
  });

  it.each([
    '[pod/coredns] ',
    '[pod/Coredns/coredns] ',
    '[pod/coredns/coredns]',
    'Feb 13 04:05:06 coredns[77]: ',
    'Feb 13 node-7 coredns[77]: ',
    '2024-02-03T04:05:06 node-7 coredns[77]: ',
    '<30>2 2024-02-03T04:05:06Z node-7 coredns 77 - - ',
    'INFO ',
  ])('%j is a part of the line', (prefix) => {
    expect(unwrap(prefix + QUERY)).toMatchObject({
      text: prefix + QUERY,
      isWrapped: false,
      producer: undefined,
    });
  });

  it('never overrules what a log shipper or the log stream says of the producer', () => {
    const line = `[pod/coredns-5c7b9-x2z4k/coredns] ${QUERY}`;
    const wrapped = JSON.stringify({ log: line, kubernetes: { pod_name: 'web-1', container_name: 'web' } });
    expect(unwrap(wrapped).producer).toMatchObject({ pod: 'web-1', container: 'web' });
    const logStream = `web-1_shop_web-${'a1'.repeat(32)}`;
    expect(unwrap(line, logStream).producer).toMatchObject({ pod: 'web-1', container: 'web' });
  });

  it('is the same producer for the lines of a record', () => {
    const reader = createUnwrapper();
    const [one, two] = [1, 2].map(() => reader(lineOf(`[pod/coredns-1/coredns] ${QUERY}`)).producer);
    expect(one).toBe(two);
  });
});

describe('Filebeat', () => {
  const producer = {
    pod: 'coredns-5c7b9-x2z4k',
    podUid: 'u-1',
    namespace: 'kube-system',
    container: 'coredns',
    node: 'node-7',
    ip: '10.0.3.9',
  };
  const nested = {
    '@timestamp': '2024-02-03T04:05:06.789Z',
    stream: 'stdout',
    message: QUERY,
    log: { offset: 7, file: { path: '/var/log/containers/x.log' } },
    kubernetes: {
      pod: { name: producer.pod, uid: producer.podUid, ip: producer.ip },
      namespace: producer.namespace,
      node: { name: producer.node, hostname: 'x' },
      container: { name: producer.container },
    },
  };
  const flat = {
    '@timestamp': nested['@timestamp'],
    message: QUERY,
    'kubernetes.pod.name': producer.pod,
    'kubernetes.pod.uid': producer.podUid,
    'kubernetes.pod.ip': producer.ip,
    'kubernetes.namespace': producer.namespace,
    'kubernetes.node.name': producer.node,
    'kubernetes.container.name': producer.container,
  };
  it.each([
    ['nested', nested],
    ['with joined names', flat],
  ])('%s', (_name, message) => {
    expect(unwrap(JSON.stringify(message))).toMatchObject({
      text: QUERY,
      timeMs: Date.UTC(2024, 1, 3, 4, 5, 6, 789),
      isWrapped: true,
      producer,
    });
  });

  it('is not believed in a member beside the object of another shipper', () => {
    const message = JSON.stringify({ ...flat, kubernetes: { pod_name: 'web-1', namespace_name: 'shop' } });
    expect(unwrap(message).producer).toMatchObject({ pod: 'web-1', namespace: 'shop' });
  });
});
