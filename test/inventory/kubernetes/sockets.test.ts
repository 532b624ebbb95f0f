// What a client leaves open after its work was given up.
import { expect, it } from '@jest/globals';
import { createKubernetesApi } from '../../../src/inventory/kubernetes/api.ts';
import { STUB_CA, startKubernetesStub } from '../../support/kubernetes-stub.ts';

it.each([false, true])(
  'no connection, when the token comes too late (a new one after a 401: %s)',
  async (isRefused) => {
    const stub = await startKubernetesStub();
    stub.answerWith(() => ({ status: 401 }));
    const giveUp = new AbortController();
    let api: ReturnType<typeof createKubernetesApi>;
    const token = async (isNew: boolean): Promise<string> => {
      if (isNew !== isRefused) return 'first';
      giveUp.abort();
      api.disconnect();
      return 'late';
    };
    api = createKubernetesApi({ endpoint: stub.endpoint, ca: STUB_CA, token });
    await expect(api.get('/api/v1/pods?limit=1', giveUp.signal)).rejects.toThrow('aborted');
    expect(stub.requests).toHaveLength(isRefused ? 1 : 0);
    expect(await stub.isDeserted()).toBe(true);
    await stub.close();
  },
);
