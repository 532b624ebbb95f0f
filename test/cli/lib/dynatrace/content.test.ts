import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { type ApplyOptions, apply, planApply } from '../../../../src/cli/lib/dynatrace/apply.ts';
import { type Content, loadContent } from '../../../../src/cli/lib/dynatrace/content.ts';
import { parseEnvironment } from '../../../../src/cli/lib/dynatrace/environment.ts';
import { planRemove } from '../../../../src/cli/lib/dynatrace/remove.ts';
import { runSteps } from '../../../../src/cli/lib/dynatrace/step.ts';
import { readTenant } from '../../../../src/cli/lib/dynatrace/tenant.ts';
import { captureOutput } from '../../../support/captured-output.ts';
import { PLATFORM, startDynatraceStub } from '../../support/dynatrace-stub/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'dynatrace-'));
const write = (path: string, content: unknown): void =>
  writeFileSync(join(folder, path), typeof content === 'string' ? content : JSON.stringify(content));

const PIPELINES = 'builtin:openpipeline.logs.pipelines';
const DETECTORS = 'builtin:davis.anomaly-detectors';
const ASKS =
  '(matchesPhrase(content, "dns.key <RECORD_KEY>") or contains(content, "<RECORD_KEY>") and isNull(content))';
const processor = (name: string) => ({
  id: `processor_eks_dns_${name}`,
  type: 'dql',
  enabled: true,
  matcher: ASKS,
});
const pipeline = (value: object) => [
  {
    schemaId: PIPELINES,
    scope: 'environment',
    value: { customId: 'pipeline_eks_dns', displayName: 'EKS DNS', ...value },
  },
];
const alert = (title: string, more: object = {}) => ({
  schemaId: DETECTORS,
  scope: 'environment',
  value: { title, enabled: true, ...more },
});

beforeAll(() => {
  mkdirSync(join(folder, 'alerts'));
  mkdirSync(join(folder, 'lists'));
  write('openpipeline-processor.json', pipeline({ processing: { processors: [processor('record')] } }));
  write('findings.json', pipeline({ dataExtraction: { processors: [processor('finding_block')] } }));
  write('alerts/storm.json', alert('NXDOMAIN storm', { source: 'eks-dns-firehose' }));
  write('alerts/silent.json', alert('Pipeline silent', { source: 'eks-dns-firehose' }));
  write(
    'lists/tor.csv',
    '# source: somewhere, 2026-11-01\n\ndomain,kind\ntor2web.org, gateway\nonion.ly,gateway\n',
  );
});
afterAll(() => rmSync(folder, { recursive: true }));

const KEYS = ['00d1e2f3a4b5c6d7e8f9', 'fedcba9876543210'];

type Stub = Awaited<ReturnType<typeof startDynatraceStub>>;

/** Applies that content with those options; resolves to the actions and notes of the plan. */
async function run(stub: Stub, content: Content, options: Partial<ApplyOptions> = {}) {
  const session = {
    environment: parseEnvironment(stub.url),
    token: { kind: 'platform', secret: PLATFORM },
  } as const;
  const all = {
    keys: KEYS,
    position: undefined,
    alerts: false,
    findings: false,
    lists: false,
    mayPrecede: false,
    ...options,
  };
  const plan = await planApply(session, await readTenant(session), content, all);
  await captureOutput(() => apply(plan, all));
  return {
    actions: plan.steps.map(({ action, kind, name }) => `${action} ${kind} ${name}`),
    notes: plan.notes,
    session,
  };
}

describe('alerts, findings and lists', () => {
  const everything = { alerts: true, findings: true, lists: true };

  it('are made when asked for, found again, and taken away', async () => {
    const stub = await startDynatraceStub();
    const content = loadContent(folder);
    expect((await run(stub, content)).actions).toEqual([
      'create pipeline pipeline_eks_dns',
      'share pipeline pipeline_eks_dns',
      'create route EKS DNS',
    ]);
    expect((await run(stub, content, everything)).actions).toEqual([
      'update pipeline pipeline_eks_dns',
      'keep route EKS DNS',
      'create alert Pipeline silent',
      'create alert NXDOMAIN storm',
      'upload list /lookups/eks_dns/tor',
    ]);
    expect(stub.platform.lists.get('/lookups/eks_dns/tor')?.text).toBe(
      'domain,kind\ntor2web.org,gateway\nonion.ly,gateway\n',
    );
    const [stored] = stub.settings.objects;
    expect(JSON.stringify(stored?.value)).toContain('processor_eks_dns_finding_block');

    stub.writes.length = 0;
    await run(stub, content, everything);
    // Findings that were asked for once stay.
    expect((await run(stub, content)).actions).toEqual([
      'keep pipeline pipeline_eks_dns',
      'keep route EKS DNS',
    ]);
    expect(stub.writes).toEqual([]);

    const { session } = await run(stub, content);
    const { steps, notes } = await planRemove(session, await readTenant(session), content);
    await captureOutput(() => runSteps(steps));
    expect({ notes, objects: stub.settings.objects, lists: [...stub.platform.lists] }).toEqual({
      notes: [],
      objects: [],
      lists: [],
    });
  });

  it('brings a changed alert to this version and leaves those of others', async () => {
    const stub = await startDynatraceStub();
    stub.settings.create(DETECTORS, { title: 'NXDOMAIN storm', enabled: true }, { externalId: 'of others' });
    const content = loadContent(folder);
    await run(stub, content, { alerts: true });
    const newer = {
      ...content,
      alerts: content.alerts.map((one) => ({ ...one, value: { ...one.value, description: 'new' } })),
    };
    expect((await run(stub, newer, { alerts: true })).actions).toContain('update alert NXDOMAIN storm');
    const detectors = stub.settings.objects.filter(({ schemaId }) => schemaId === DETECTORS);
    expect(detectors.map(({ value }) => value.description)).toEqual([undefined, 'new', 'new']);
    const { session } = await run(stub, content);
    const { steps } = await planRemove(session, await readTenant(session), content);
    await captureOutput(() => runSteps(steps));
    expect(stub.settings.objects.map(({ externalId }) => externalId)).toEqual(['of others']);
  });

  it('finds its alerts by their source where the environment does not tell external ids', async () => {
    const stub = await startDynatraceStub({ tellsExternalIds: false });
    stub.settings.create(DETECTORS, { title: 'NXDOMAIN storm', source: 'Davis' });
    const content = loadContent(folder);
    await run(stub, content, { alerts: true });
    const { actions, session } = await run(stub, content, { alerts: true });
    expect(actions).toContain('keep alert NXDOMAIN storm');
    const { steps } = await planRemove(session, await readTenant(session), content);
    await captureOutput(() => runSteps(steps));
    const detectors = stub.settings.objects.filter(({ schemaId }) => schemaId === DETECTORS);
    expect(detectors.map(({ value }) => value.source)).toEqual(['Davis']);
  });

  it('keeps a list that somebody replaced', async () => {
    const stub = await startDynatraceStub();
    const content = loadContent(folder);
    stub.platform.lists.set('/lookups/eks_dns/tor', { description: 'our own', text: '' });
    const { session } = await run(stub, content);
    const { steps, notes } = await planRemove(session, await readTenant(session), content);
    await captureOutput(() => runSteps(steps));
    expect(notes).toEqual(['/lookups/eks_dns/tor: kept, somebody replaced it with a list of their own']);
    expect([...stub.platform.lists.keys()]).toEqual(['/lookups/eks_dns/tor']);
  });

  it('validates every alert before it writes anything', async () => {
    const stub = await startDynatraceStub();
    stub.onRequest((method, path) => {
      const isAlert = method === 'POST' && path.endsWith('/objects') && stub.requests.length > 6;
      return isAlert
        ? { status: 400, body: [{ code: 400, error: { message: 'no such analyzer' } }] }
        : undefined;
    });
    await expect(run(stub, loadContent(folder), { alerts: true })).rejects.toThrow('no such analyzer');
    expect(stub.settings.objects).toEqual([]);
  });
});

it('fills every form of the key in every matcher', async () => {
  const stub = await startDynatraceStub();
  await run(stub, loadContent(folder), { findings: true });
  const matchers = [
    ...JSON.stringify(stub.settings.objects[0]?.value).matchAll(/"matcher":"((?:[^"\\]|\\.)*)"/g),
  ];
  expect(matchers.map(([, text]) => JSON.parse(`"${text}"`))).toEqual(
    Array.from(
      { length: 2 },
      () =>
        `(${KEYS.map((key) => `matchesPhrase(content, "dns.key ${key}") or contains(content, "${key}")`).join(' or ')})`,
    ),
  );
});

it('ships content that can be applied', () => {
  const content = loadContent();
  expect(content.documents.map(({ type }) => type)).toContain('dashboard');
  for (const { columns, rows } of content.lists) {
    expect(columns.every((name) => /^[a-z_]+$/.test(name))).toBe(true);
    expect(new Set(rows.map(([key]) => key)).size).toBe(rows.length);
  }
});
