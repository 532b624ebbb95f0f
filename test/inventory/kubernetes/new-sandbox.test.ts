// A pod whose sandbox is replaced while it lives: another address under the same uid. Each case runs the status of the pod,
// as the kubelet reports it step by step, through the synchronisation.
import { describe, expect, it } from '@jest/globals';
import { createClusterTables } from '../../../src/inventory/ip-ownership/index.ts';
import { ownerAt } from '../../../src/inventory/ip-ownership/owner-at.ts';
import { readPod } from '../../../src/inventory/kubernetes/objects.ts';
import { podObject } from '../../support/kubernetes-objects.ts';
import { ownerText, SHOP, second } from '../../support/observations.ts';

const SELECTION = { podLabels: [], podAnnotations: [], corednsNamespace: 'kube-system' };
const OLD = '10.0.3.1';
const NEW = '10.0.3.2';
const time = (at: number): string => new Date(second(at)).toISOString();

type Container = {
  running?: number;
  stopped?: readonly [start: number, finish: number | null];
  restarts?: number;
};

/** The status of pod `db` with an address, or without one, at a step of its life. */
type Status = {
  readonly ip?: string;
  readonly sandbox?: readonly ['True' | 'False', at: number];
  readonly init?: readonly Container[];
  readonly containers?: readonly Container[];
  readonly phase?: string;
  readonly deletion?: number;
};

const containerOf = ({ running, stopped, restarts = 0 }: Container) => ({
  name: 'main',
  restartCount: restarts,
  state:
    running === undefined
      ? stopped && {
          terminated: {
            startedAt: time(stopped[0]),
            finishedAt: stopped[1] === null ? null : time(stopped[1]),
            exitCode: 0,
          },
        }
      : { running: { startedAt: time(running) } },
});

const statusOf = ({ ip, sandbox, init = [], containers = [], phase, deletion }: Status) => {
  const pod = podObject({
    name: 'db',
    ips: ip === undefined ? [] : [ip],
    acceptedMs: second(0),
    ...(phase === undefined ? {} : { phase }),
    ...(deletion === undefined ? {} : { deletionMs: second(deletion), graceSeconds: 0 }),
  });
  const condition = sandbox && {
    type: 'PodReadyToStartContainers',
    status: sandbox[0],
    lastTransitionTime: time(sandbox[1]),
  };
  const status = {
    ...(pod.status as object),
    conditions: condition ? [condition] : [],
    initContainerStatuses: init.map(containerOf),
    containerStatuses: containers.map(containerOf),
  };
  return { ...pod, status };
};

/** A directory that saw the pod in these states: listed at a second, or by a watch after the second of the last sync. */
function seen(...steps: readonly (readonly [how: number | 'watch', status: Status])[]) {
  const { pods } = createClusterTables(SHOP);
  for (const [how, status] of steps) {
    const observation = readPod(statusOf(status), false, SHOP, SELECTION);
    if (observation === undefined) throw new Error('no pod');
    if (how === 'watch') pods.observe(observation, undefined);
    else {
      pods.beginList();
      pods.observe(observation, second(how));
      pods.endList(second(how));
    }
  }
  pods.syncedTo(second(900));
  return (ip: string, ...seconds: number[]) =>
    seconds.map((each) => ownerText(ownerAt(pods.byIp(ip), undefined, second(each))));
}

const FIRST: Status = { ip: OLD, sandbox: ['True', 5], containers: [{ running: 6 }] };
const LOST: Status = { ip: OLD, sandbox: ['False', 400], containers: [{ stopped: [6, 398] }] };
const SECOND: Status = { ip: NEW, sandbox: ['True', 410], containers: [{ running: 412, restarts: 1 }] };
const ENDED: Status = {
  ip: NEW,
  phase: 'Failed',
  sandbox: ['False', 700],
  init: [{ stopped: [3, 4] }],
  containers: [{ stopped: [412, 698], restarts: 1 }],
};

describe('the address of the new sandbox', () => {
  it('begins with it, also after the pod has ended', () => {
    const owners = seen([10, FIRST], ['watch', LOST], ['watch', SECOND], ['watch', ENDED]);
    expect(owners(NEW, 60, 300, 400, 407, 408, 410, 500, 698)).toEqual([
      ...Array(4).fill('none'),
      'db inferred',
      'db exact',
      'db exact',
      'db exact',
    ]);
  });

  it.each<[string, Status]>([
    [
      'alive, with a container of the first sandbox that the status still shows as running',
      {
        ...SECOND,
        containers: [{ running: 6 }, { running: 412, restarts: 1 }],
      },
    ],
    ['alive, with its init container of the first sandbox', { ...SECOND, init: [{ stopped: [3, 4] }] }],
    ['ended', ENDED],
    [
      'ended, with a container that had finished in the first sandbox',
      {
        ...ENDED,
        containers: [{ stopped: [6, 100] }, { stopped: [412, 698], restarts: 1 }],
      },
    ],
    ['without its next sandbox status', { ...ENDED, sandbox: undefined as never }],
  ])('begins with it when the pod is first seen %s', (_, status) => {
    const owners = seen([880, status]);
    expect(owners(NEW, 10, 100, 300, 405)).toEqual(Array(4).fill('none'));
    expect(owners(NEW, 450)).toEqual(['db exact']);
  });

  it('is not known to be of the pod before the pod was last seen without it', () => {
    // The status of a pod whose containers were not restarted tells nothing of its sandboxes.
    const ended: Status = { ip: NEW, phase: 'Succeeded', containers: [{ stopped: [6, 698] }] };
    const owners = seen([10, FIRST], [500, FIRST], ['watch', ended]);
    expect(owners(NEW, 6, 60, 497, 498, 600)).toEqual(['none', 'none', 'none', 'db inferred', 'db inferred']);
    expect(owners(OLD, 400)).toEqual(['db exact']);
  });

  it('is not known to be of the pod before it was seen without any', () => {
    const without: Status = { containers: [{ running: 6 }] };
    const owners = seen([500, without], ['watch', { ip: NEW, containers: [{ running: 6 }] }]);
    expect(owners(NEW, 60, 497, 498)).toEqual(['none', 'none', 'db inferred']);
  });

  it('is not moved by a container that is restarted in it', () => {
    const restarted: Status = { ...SECOND, containers: [{ running: 600, restarts: 2 }] };
    const owners = seen([10, FIRST], ['watch', SECOND], ['watch', restarted]);
    expect(owners(NEW, 410, 500)).toEqual(['db exact', 'db exact']);
  });
});

describe('the address of the former sandbox', () => {
  it('ends when the kubelet found it gone', () => {
    const owners = seen([10, FIRST], ['watch', LOST], ['watch', SECOND]);
    expect(owners(OLD, 300, 400, 402, 403)).toEqual(['db exact', 'db exact', 'db inferred', 'none']);
  });

  it('ends when the kubelet found it gone, before there is another', () => {
    expect(seen([880, LOST])(OLD, 300, 400, 450, 850)).toEqual(['db exact', 'db exact', 'none', 'none']);
  });

  it('ends when the status no longer has it', () => {
    const { ip: _, ...without } = { ...LOST, sandbox: undefined as never };
    const owners = seen([10, FIRST], ['watch', without]);
    expect(owners(OLD, 10, 35, 36, 850)).toEqual(['db exact', 'db inferred', 'none', 'none']);
  });

  it('goes on when the same sandbox is reported ready again', () => {
    const owners = seen([10, FIRST], ['watch', LOST], ['watch', FIRST]);
    expect(owners(OLD, 300, 850)).toEqual(['db exact', 'db exact']);
  });
});

it('a pod of two containers owns its address from the first of them on, however late the second is', () => {
  const status: Status = { ip: OLD, sandbox: ['True', 15], containers: [{ running: 5 }, { running: 14 }] };
  expect(seen([880, status])(OLD, 2, 4, 5)).toEqual(['none', 'db inferred', 'db exact']);
});
