import { expect, it } from '@jest/globals';
import { openAws } from '../../../../src/cli/lib/aws/clients.ts';
import { followLog } from '../../../../src/cli/lib/probe/log-link.ts';
import { createJumpingClock } from '../../../support/manual-clock.ts';
import { query } from '../../../support/run-batch.ts';
import { type Answers, callsStubPerTest } from '../../support/calls-stub.ts';

const NAME = 'eks-dns-probe-0f3a9c2b7d41e85c.example.com';
const GROUP = '/aws/containerinsights/shop/application';
const ASKED = { askedMs: 0, ips: ['10.0.0.5'], node: undefined, answer: 'NXDOMAIN', server: undefined };

const startStub = callsStubPerTest();

/** A line as Container Insights wraps it. */
const wrapped = (log: string, container = 'coredns'): string =>
  JSON.stringify({
    log,
    kubernetes: { pod_name: 'coredns-1', namespace_name: 'kube-system', container_name: container },
  });

async function follow(answers: Answers) {
  const { calls } = await startStub(answers);
  const link = await followLog(
    openAws('eu-west-1'),
    { source: 'coredns', label: 'CoreDNS', logGroups: [GROUP] },
    { name: NAME, fromMs: 7, deadlineMs: 10_000 },
    ASKED,
    undefined,
    { clock: createJumpingClock(), signal: new AbortController().signal },
  );
  return { ...link, calls };
}

const events = (...messages: readonly string[]): Answers => ({
  FilterLogEvents: () => ({
    events: messages.map((message) => ({
      message,
      timestamp: 1000,
      ingestionTime: 3500,
      logStreamName: 's',
    })),
  }),
});

it('finds the line of the pod, and says when CloudWatch had it', async () => {
  const { check, writtenMs, calls } = await follow(events(wrapped(query(NAME, 'NXDOMAIN'))));
  expect(check).toMatchObject({ state: 'ok', afterSeconds: 2.5 });
  expect(check.observed).toBe(`after 2.5 s, ${GROUP}: NXDOMAIN, client 10.0.0.5 (the pod)`);
  expect(writtenMs).toBe(1000);
  expect(calls[0]?.input).toMatchObject({ logGroupName: GROUP, filterPattern: `"${NAME}"`, startTime: 7 });
});

it('searches every page', async () => {
  const pages = [{ nextToken: 'a' }, { nextToken: 'b' }];
  const { check, calls } = await follow({
    FilterLogEvents: ({ nextToken }) => {
      const page = pages[nextToken === undefined ? 0 : 1];
      return nextToken === 'b' ? (events(wrapped(query(NAME))).FilterLogEvents?.({}) ?? {}) : (page ?? {});
    },
  });
  expect(check.state).toBe('ok');
  expect(calls.map(({ input }) => input.nextToken)).toEqual([undefined, 'a', 'b']);
});

it('warns if the client is not the pod', async () => {
  const { check, writtenMs } = await follow(events(wrapped(query(NAME, 'NXDOMAIN', '10.0.0.99'))));
  expect(check).toMatchObject({ state: 'warning', impact: 'pods cannot be told by that address' });
  expect(check.observed).toContain('client 10.0.0.99 (not the pod)');
  expect(writtenMs).toBe(1000);
});

it('does not take a line of another name, or of another container', async () => {
  const other = wrapped(query(`${NAME}.svc.cluster.local`));
  const imitated = wrapped(query(NAME), 'nginx');
  const { check, writtenMs } = await follow(events(other, imitated));
  expect(check).toMatchObject({ state: 'missing', fix: expect.stringContaining('COREDNS_LOG_FORMAT') });
  expect(check.observed).toContain('would not read as DNS');
  expect(writtenMs).toBeUndefined();
});

it('says that nothing arrived', async () => {
  const { check } = await follow(events());
  expect(check).toMatchObject({ state: 'missing', observed: `the name did not arrive in ${GROUP}` });
});
