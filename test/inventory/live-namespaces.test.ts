// METADATA_FROM=namespace over real sockets: attributes of pods come from their namespaces.
import { expect, it } from '@jest/globals';
import type { Directory } from '../../src/core/model/directory.ts';
import { podObject } from '../support/kubernetes-objects.ts';
import { invoke, liveSource, MINUTE, NOW, ownerAt, PODS, useStubs } from '../support/live-directory.ts';

const stubs = useStubs();
const NAMESPACES = '/api/v1/namespaces';

const putNamespace = (context: string): void =>
  stubs.kubernetes.cluster.put(NAMESPACES, {
    metadata: { name: 'shop', annotations: { 'metadata.dynatrace.com/dt.security_context': context } },
  });

const putPod = (): void =>
  stubs.kubernetes.cluster.put(
    PODS,
    podObject({
      name: 'p',
      ips: ['10.0.0.1'],
      startedMs: NOW - 10 * MINUTE,
      annotations: { 'metadata.dynatrace.com/dt.security_context': 'mine' },
    }),
  );

const contextOf = (directory: Directory): string | undefined =>
  directory.podNamed(directory.clusters, 'shop', 'p')?.dynatrace[0]?.[1];

it('gives pods the attributes of their namespace, and follows its changes', async () => {
  putNamespace('payments');
  putPod();
  const source = liveSource({ metadataFrom: 'namespace' });
  const first = await invoke(source, NOW);
  expect(contextOf(first.directory)).toBe('payments');
  putNamespace('orders');
  const second = await invoke(source, NOW + MINUTE);
  expect(contextOf(second.directory)).toBe('orders');
  expect(ownerAt(second.directory, '10.0.0.1', NOW)).toBe('p exact');
  expect(await stubs.kubernetes.isDeserted()).toBe(true);
});

it('reads no namespaces by default', async () => {
  putNamespace('payments');
  putPod();
  const { directory } = await invoke(liveSource(), NOW);
  expect(contextOf(directory)).toBe('mine');
  expect(stubs.kubernetes.requests.filter((path) => path.startsWith(`${NAMESPACES}?`))).toEqual([]);
});

it('prints nothing while it may not read namespaces; pods are named all the same', async () => {
  const deny = () =>
    stubs.kubernetes.answerWith((path) =>
      path.startsWith(`${NAMESPACES}?`) ? { status: 403, message: 'namespaces is forbidden' } : undefined,
    );
  putNamespace('payments');
  putPod();
  deny();
  const source = liveSource({ metadataFrom: 'namespace' });
  const denied = await invoke(source, NOW);
  expect([contextOf(denied.directory), ownerAt(denied.directory, '10.0.0.1', NOW - 1)]).toEqual([
    undefined,
    'p exact',
  ]);
  expect(denied.health).toMatchObject([
    { errors: 1, lastError: expect.stringMatching(/^namespaces: 403, .*rbac\.yaml/) },
  ]);
  stubs.kubernetes.answerWith(() => undefined);
  const allowed = await invoke(source, NOW + 20 * MINUTE);
  expect([contextOf(allowed.directory), allowed.health[0]?.lastError]).toEqual(['payments', undefined]);
  deny();
  const deniedAgain = await invoke(source, NOW + 40 * MINUTE);
  expect(contextOf(deniedAgain.directory)).toBeUndefined();
  stubs.kubernetes.answerWith(() => undefined);
  expect(contextOf((await invoke(source, NOW + 60 * MINUTE)).directory)).toBe('payments');
});

it('keeps the attributes while namespaces cannot be reached', async () => {
  putNamespace('payments');
  putPod();
  const source = liveSource({ metadataFrom: 'namespace' });
  await invoke(source, NOW);
  stubs.kubernetes.answerWith((path) => (path.startsWith(`${NAMESPACES}?`) ? { status: 500 } : undefined));
  expect(contextOf((await invoke(source, NOW + MINUTE)).directory)).toBe('payments');
});
