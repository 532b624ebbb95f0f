import { beforeEach, describe, expect, it } from '@jest/globals';
import { enableCorednsLogCommand } from '../../../src/cli/commands/enable-coredns-log.ts';
import { runCommand } from '../../support/run-command.ts';
import { eksStubPerTest } from '../support/eks-stub.ts';

const COREFILE =
  '.:53 {\n    errors\n    kubernetes cluster.local {\n      pods insecure\n    }\n    reload\n}\n';

const stub = eksStubPerTest();
const enable = (...args: string[]) => runCommand(enableCorednsLogCommand(), ['--cluster', 'shop', ...args]);
const corefileOf = (name: string) => stub.state.configMaps.get(name)?.corefile;
const values = () => stub.state.addon?.configurationValues ?? '';

beforeEach(() => {
  stub.state.configMaps.set('coredns', { corefile: COREFILE, version: 7 });
});

describe('in the ConfigMap', () => {
  it('adds log, shows the next step, does nothing the second time, and undoes exactly', async () => {
    const first = await enable('--yes');
    expect(first).toMatchObject({ code: 0 });
    expect(first.stdout).toContain('+    log # eks-dns-firehose ');
    expect(first.stdout).toContain('within about two minutes');
    expect(corefileOf('coredns')).toMatch(/^ {4}log # eks-dns-firehose \w+$/m);
    expect((await enable('--yes')).stdout).toContain('nothing to do');
    await enable('--yes', '--undo');
    expect(corefileOf('coredns')).toBe(COREFILE);
  });

  it('changes nothing with --dry-run or without confirmation', async () => {
    expect((await enable('--dry-run')).stdout).toContain('+    log');
    const unconfirmed = await enable();
    expect(unconfirmed).toMatchObject({ code: 2, stderr: expect.stringContaining('nothing was changed') });
    expect(corefileOf('coredns')).toBe(COREFILE);
  });

  it('names the blocks that stay silent, and logs them with --all-zones', async () => {
    const source = `${COREFILE}corp.example:53 {\n    forward . 192.0.2.1\n}\n`;
    stub.state.configMaps.set('coredns', { corefile: source, version: 1 });
    expect((await enable('--yes')).stderr).toContain('block corp.example:53 does not log; add --all-zones');
    const all = await enable('--yes', '--all-zones');
    expect(all).toMatchObject({ code: 0, stderr: expect.not.stringContaining('warning') });
    expect(corefileOf('coredns')).toMatch(/^corp\.example:53 \{\n {4}log # /m);
    await enable('--yes', '--undo');
    expect(corefileOf('coredns')).toBe(source);
  });

  it.each([
    ['{name} \\', 'backslash'],
    ['{', 'lone brace'],
    ['{name}\n{type}', 'newline'],
    ['{name} {$CLUSTER}', 'environment variables'],
    ['{remote}', '{name} is missing'],
    ['{rsize}{size} {name}', 'between {rsize} and {size}'],
    ['names', 'takes an argument without { for a zone'],
  ])('refuses --format %j before anything is read', async (format, reason) => {
    const result = await enable('--yes', '--format', format);
    expect(result).toMatchObject({ code: 2, stderr: expect.stringContaining(reason) });
    expect(corefileOf('coredns')).toBe(COREFILE);
  });

  it('warns of memory with --pod-identity, and asks for a restart without the reload plugin', async () => {
    stub.state.configMaps.set('coredns', { corefile: COREFILE.replace('    reload\n', ''), version: 1 });
    const { stdout, stderr } = await enable('--yes', '--pod-identity');
    expect(stderr).toContain('memory');
    expect(stdout).toContain('rollout restart deployment/coredns');
  });

  it('overwrites another version of the same Corefile, never another Corefile', async () => {
    stub.state.beforePut = () => {
      stub.state.beforePut = undefined;
      stub.state.configMaps.set('coredns', { corefile: COREFILE, version: 8 });
    };
    expect((await enable('--yes')).code).toBe(0);
    expect(corefileOf('coredns')).toContain('log #');
    stub.state.beforePut = () => stub.state.configMaps.set('coredns', { corefile: 'theirs', version: 99 });
    expect((await enable('--yes', '--undo')).stderr).toContain('the Corefile was changed by another client');
    expect(corefileOf('coredns')).toBe('theirs');
  });

  it('points to NodeLocal DNSCache and changes it on request', async () => {
    stub.state.configMaps.set('node-local-dns', { corefile: COREFILE, version: 1 });
    expect((await enable('--dry-run')).stderr).toContain('--config-map node-local-dns');
    await enable('--yes', '--config-map', 'node-local-dns');
    expect(corefileOf('node-local-dns')).toContain('log #');
    expect(corefileOf('coredns')).toBe(COREFILE);
  });
});

describe('in the EKS add-on', () => {
  it('starts from the live Corefile if the add-on has none, and removes it again', async () => {
    stub.state.addon = { status: 'ACTIVE', configurationValues: '{"replicaCount":3}' };
    await enable('--yes');
    const { corefile, ...rest } = JSON.parse(values());
    expect(rest).toEqual({ replicaCount: 3 });
    expect(corefile).toMatch(/\n {4}errors\n {4}log # eks-dns-firehose \w+\n/);
    expect(stub.state.addon.resolveConflicts).toBe('NONE');
    expect((await enable('--yes')).stdout).toContain('nothing to do');
    await enable('--yes', '--undo');
    expect(JSON.parse(values())).toEqual({ replicaCount: 3 });
  });

  it('changes the Corefile of YAML values and keeps their comments', async () => {
    const yaml = `# ours\nreplicaCount: 3\ncorefile: |\n${COREFILE.replaceAll(/^(?=.)/gm, '  ')}`;
    stub.state.addon = { status: 'ACTIVE', configurationValues: yaml };
    await enable('--yes', '--resolve-conflicts', 'overwrite');
    expect(values()).toContain('# ours\nreplicaCount: 3\n');
    expect(values()).toContain('log # eks-dns-firehose');
    expect(stub.state.addon.resolveConflicts).toBe('OVERWRITE');
    await enable('--yes', '--undo');
    expect(values()).toBe(yaml);
  });

  it('reports why EKS rejected the change, and refuses an add-on that is being updated', async () => {
    stub.state.addon = { status: 'ACTIVE' };
    stub.state.updateStatus = 'Failed';
    expect(await enable('--yes')).toMatchObject({ code: 1, stderr: expect.stringContaining('conflict') });
    stub.state.addon.status = 'UPDATING';
    expect(await enable('--yes')).toMatchObject({ code: 3, stderr: expect.stringContaining('UPDATING') });
  });
});

it.each([
  {
    name: 'Auto Mode',
    change: () => {
      stub.state.isAutoMode = true;
    },
    code: 3,
    text: 'Auto Mode',
  },
  {
    name: 'no ConfigMap',
    change: () => stub.state.configMaps.clear(),
    code: 3,
    text: 'there is no ConfigMap',
  },
  {
    name: 'an unknown identity',
    change: () => {
      stub.state.kubernetesStatus = 401;
    },
    code: 1,
    text: 'no access entry',
  },
  {
    name: 'no permission',
    change: () => {
      stub.state.kubernetesStatus = 403;
    },
    code: 1,
    text: '403 by the test',
  },
  {
    name: 'a broken Corefile',
    change: () => stub.state.configMaps.set('coredns', { corefile: '. {', version: 1 }),
    code: 3,
    text: 'cannot be parsed',
  },
])('refuses with the reason: $name', async ({ change, code, text }) => {
  change();
  expect(await enable('--yes')).toMatchObject({ code, stderr: expect.stringContaining(text) });
});

it('refuses an unknown cluster and options that exclude each other', async () => {
  const unknown = await runCommand(enableCorednsLogCommand(), ['--cluster', 'absent', '--yes']);
  expect(unknown.stderr).toContain('there is no EKS cluster "absent"');
  expect(await enable('--format', 'x', '--pod-identity')).toMatchObject({ code: 2 });
});
