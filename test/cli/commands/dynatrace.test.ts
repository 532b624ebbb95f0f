import { describe, expect, it } from '@jest/globals';
import type { JsonObject } from '../../../src/core/util/json.ts';
import { CLASSIC, PLATFORM, type StubOptions, startDynatraceStub } from '../support/dynatrace-stub/index.ts';
import { runDynatrace } from '../support/dynatrace-stub/run.ts';

const KEY = '00d1e2f3a4b5c6d7e8f9';
const OTHER_KEY = 'fedcba9876543210';
const ROUTING = 'builtin:openpipeline.logs.routing';
const PIPELINES = 'builtin:openpipeline.logs.pipelines';

/** Routes of others, with members and texts that a careless copy would change. */
const FOREIGN: readonly JsonObject[] = [
  {
    matcher: 'matchesValue(aws.log_group, "/aws/lambda/*")',
    description: 'Lambda \u2028 "é"',
    enabled: true,
    pipelineType: 'builtin',
    builtinPipelineId: 'default',
  },
  { description: 'off', enabled: false, pipelineType: 'builtin', builtinPipelineId: 'x', matcher: 'true' },
  {
    pipelineType: 'builtin',
    builtinPipelineId: 'default',
    matcher: 'true',
    enabled: true,
    description: 'everything',
    later: null,
  },
];

type Stub = Awaited<ReturnType<typeof startDynatraceStub>>;

const routingOf = ({ settings }: Stub) => settings.objects.find(({ schemaId }) => schemaId === ROUTING);
const entriesOf = (stub: Stub) => (routingOf(stub)?.value.routingEntries ?? []) as readonly JsonObject[];
const pipelineOf = ({ settings }: Stub) => settings.objects.find(({ schemaId }) => schemaId === PIPELINES);
const descriptions = (stub: Stub) => entriesOf(stub).map(({ description }) => description);

/** A stub with the routes of others, and how they are stored. */
async function withRoutes(options: StubOptions = {}) {
  const stub = await startDynatraceStub(options);
  stub.settings.create(ROUTING, { routingEntries: FOREIGN });
  return { stub, before: JSON.stringify(FOREIGN) };
}

const apply = (stub: Stub, ...more: readonly string[]) =>
  runDynatrace(['apply', stub.url, '--record-key', KEY, ...more]);

describe('on an empty environment', () => {
  it('makes everything, finds nothing to change then, and takes everything away', async () => {
    const stub = await startDynatraceStub();
    const first = await apply(stub);
    expect(first).toMatchObject({ code: 0 });
    expect(first.stdout).toMatch(
      /create +pipeline +pipeline_eks_dns\nshare +pipeline .*\ncreate +route +EKS DNS\n/,
    );
    expect(pipelineOf(stub)).toMatchObject({ isShared: true });
    expect(entriesOf(stub)).toMatchObject([
      {
        enabled: true,
        pipelineType: 'custom',
        pipelineId: pipelineOf(stub)?.objectId,
        description: 'EKS DNS',
      },
    ]);
    expect(stub.platform.documents[0]).toMatchObject({ type: 'dashboard', isPrivate: false });

    const { writes } = stub;
    writes.length = 0;
    const second = await runDynatrace(['apply', stub.url]);
    expect({ code: second.code, writes }).toEqual({ code: 0, writes: [] });
    expect(second.stdout).toMatch(/^nothing to change\n/);

    const removed = await runDynatrace(['remove', stub.url]);
    expect(removed).toMatchObject({ code: 0 });
    expect({ objects: stub.settings.objects, documents: stub.platform.documents }).toEqual({
      objects: [],
      documents: [],
    });
  });

  it('validates pipeline and route before it writes them', async () => {
    const stub = await startDynatraceStub();
    await apply(stub);
    const posts = stub.requests
      .filter((line) => /^POST \S*\/objects(\?|$)/.test(line))
      .map((line) => line.includes('validateOnly=true'));
    expect(posts).toEqual([true, false, true, false]);
  });

  it('writes nothing in a dry run, and shows the exact change', async () => {
    const stub = await startDynatraceStub();
    const { code, stdout } = await apply(stub, '--dry-run');
    expect({ code, writes: stub.writes }).toEqual({ code: 0, writes: [] });
    expect(stdout).toMatch(/planned action/);
    expect(stdout).toMatch(/^\+ +"id": "processor_eks_dns_record",$/m);
    expect(stdout).toMatch(/^\+ +"description": "EKS DNS",$/m);
    expect(stdout).toContain(KEY);
  });

  it('keeps a routing object that was there, empty as it was', async () => {
    const stub = await startDynatraceStub();
    stub.settings.create(ROUTING, { routingEntries: [] });
    expect((await apply(stub)).code).toBe(0);
    expect((await runDynatrace(['remove', stub.url])).code).toBe(0);
    expect(stub.settings.objects.map(({ value }) => value)).toEqual([{ routingEntries: [] }]);
  });

  it('makes documents public where new ones are private', async () => {
    const stub = await startDynatraceStub({ makesPrivate: true });
    expect((await apply(stub)).code).toBe(0);
    expect(stub.platform.documents.map(({ isPrivate }) => isPrivate)).not.toContain(true);
  });
});

describe('beside routes of others', () => {
  it('refuses to go ahead of them without --yes, before it writes anything', async () => {
    const { stub } = await withRoutes();
    const { code, stderr } = await apply(stub);
    expect({ code, writes: stub.writes }).toEqual({ code: 3, writes: [] });
    expect(stderr).toContain('ahead of 2 enabled routes of others: Lambda   "é", everything');
    expect(stderr).toContain('fix: add --yes');
  });

  it('goes first with --yes; the others stay byte for byte, also after remove', async () => {
    const { stub, before } = await withRoutes();
    expect((await apply(stub, '--yes')).code).toBe(0);
    expect(descriptions(stub)[0]).toBe('EKS DNS');
    expect(JSON.stringify(entriesOf(stub).slice(1))).toBe(before);
    expect((await runDynatrace(['apply', stub.url])).stdout).toMatch(/^nothing to change\n/);
    expect((await runDynatrace(['remove', stub.url])).code).toBe(0);
    expect(JSON.stringify(entriesOf(stub))).toBe(before);
    expect(pipelineOf(stub)).toBeUndefined();
  });

  it.each([
    ['last', 3, false],
    ['before:everything', 2, true],
    ['before:default', 0, true],
    ['first', 0, true],
  ])('--position %s', async (position, index, needsYes) => {
    const { stub, before } = await withRoutes();
    expect((await apply(stub, '--position', position)).code).toBe(needsYes ? 3 : 0);
    if (needsYes) expect((await apply(stub, '--position', position, '--yes')).code).toBe(0);
    expect(descriptions(stub).indexOf('EKS DNS')).toBe(index);
    expect(JSON.stringify(entriesOf(stub).filter(({ description }) => description !== 'EKS DNS'))).toBe(
      before,
    );
    // Where the user put it, it stays.
    expect((await runDynatrace(['apply', stub.url])).stdout).toMatch(/^nothing to change\n/);
  });

  it('names a pipeline by its display name', async () => {
    const stub = await startDynatraceStub();
    const { objectId } = stub.settings.create(PIPELINES, { customId: 'pipeline_x', displayName: 'Payments' });
    const entry = {
      enabled: true,
      pipelineType: 'custom',
      pipelineId: objectId,
      description: 'p',
      matcher: 'true',
    };
    stub.settings.create(ROUTING, { routingEntries: [FOREIGN[0], entry] });
    expect((await apply(stub, '--position', 'before:Payments', '--yes')).code).toBe(0);
    expect(descriptions(stub)).toEqual([FOREIGN[0]?.description, 'EKS DNS', 'p']);
  });

  it.each(['before:nothing', 'middle'])('--position %s is a usage error', async (position) => {
    const { stub } = await withRoutes();
    expect(await apply(stub, '--position', position)).toMatchObject({ code: 2 });
    expect(stub.writes).toEqual([]);
  });

  it('says which routes shadow ours, and moves it when asked to', async () => {
    const { stub } = await withRoutes();
    await apply(stub, '--position', 'last');
    const again = await runDynatrace(['apply', stub.url]);
    expect(again.stderr).toContain(
      'warning: enabled routes ahead of ours may take records of the function: Lambda',
    );
    const status = await runDynatrace(['status', stub.url]);
    expect(status.stdout).toMatch(
      /warning {2}Dynatrace route: enabled, behind 2 enabled routes of others: Lambda/,
    );
    expect((await apply(stub, '--position', 'first', '--yes')).stdout).toMatch(/^move +route/m);
    expect(descriptions(stub)[0]).toBe('EKS DNS');
  });

  it('enables a disabled route of ours again, at its place', async () => {
    const { stub } = await withRoutes();
    await apply(stub, '--position', 'last');
    const routing = routingOf(stub);
    if (routing)
      routing.value = {
        routingEntries: entriesOf(stub).map((one) =>
          one.description === 'EKS DNS' ? { ...one, enabled: false } : one,
        ),
      };
    expect(await runDynatrace(['status', stub.url])).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('MISSING  Dynatrace route: the route is disabled'),
    });
    expect((await runDynatrace(['apply', stub.url])).stdout).toMatch(/^enable +route/m);
    expect(entriesOf(stub)[3]).toMatchObject({ description: 'EKS DNS', enabled: true });
  });

  it('takes another description where ours is taken', async () => {
    const stub = await startDynatraceStub();
    stub.settings.create(ROUTING, { routingEntries: [{ ...FOREIGN[0], description: 'EKS DNS' }] });
    expect((await apply(stub, '--yes')).code).toBe(0);
    expect(descriptions(stub)).toEqual(['EKS DNS 2', 'EKS DNS']);
  });

  it('loses nothing that others write at the same time', async () => {
    const { stub } = await withRoutes();
    const late = { ...FOREIGN[0], description: 'late' };
    let puts = 0;
    stub.onRequest((method) => {
      const routing = routingOf(stub);
      // Somebody else writes between our validation and our first write.
      if (method === 'PUT' && routing !== undefined && ++puts === 3) {
        routing.value = { routingEntries: [...entriesOf(stub), late] };
        routing.version += 1;
      }
      return undefined;
    });
    expect((await apply(stub, '--yes')).code).toBe(0);
    expect(descriptions(stub)).toEqual(['EKS DNS', ...FOREIGN.map(({ description }) => description), 'late']);
  });

  // Posts: the pipeline is validated (1) and created (2), then the routes (3, 4).
  it.each([
    ['before the validation', 3, {}],
    ['before the creation', 4, {}],
    ['after the validation, where creating replaces', 3.5, { replacesSingle: true }],
  ])('loses nothing when somebody makes the first route %s', async (_, moment, options) => {
    const stub = await startDynatraceStub(options);
    let posts = 0;
    stub.onRequest((method, path) => {
      if (!path.endsWith('/objects')) return undefined;
      if (method === 'POST') posts += 1;
      const now = method === 'POST' ? posts : posts + 0.5;
      if (now === moment && routingOf(stub) === undefined)
        stub.settings.create(ROUTING, { routingEntries: FOREIGN });
      return undefined;
    });
    // The new route would go ahead of two that nobody was asked about.
    expect((await apply(stub)).code).toBe(3);
    expect(JSON.stringify(entriesOf(stub))).toBe(JSON.stringify(FOREIGN));
    expect((await apply(stub, '--yes')).code).toBe(0);
    expect(descriptions(stub)).toEqual(['EKS DNS', ...FOREIGN.map(({ description }) => description)]);
  });

  it('refuses to remove a pipeline to which other routes lead', async () => {
    const { stub } = await withRoutes();
    await apply(stub, '--yes');
    const routing = routingOf(stub);
    const pipelineId = pipelineOf(stub)?.objectId;
    const own = {
      enabled: true,
      pipelineType: 'custom',
      pipelineId,
      description: 'ours too',
      matcher: 'true',
    };
    if (routing) routing.value = { routingEntries: [...entriesOf(stub), own] };
    stub.writes.length = 0;
    expect(await runDynatrace(['remove', stub.url])).toMatchObject({
      code: 3,
      stderr: expect.stringContaining('ours too'),
    });
    expect(stub.writes).toEqual([]);
  });
});

describe('the pipeline', () => {
  const foreign = {
    id: 'processor_bucket',
    type: 'bucketAssignment',
    enabled: true,
    matcher: 'true',
    description: 'b',
    bucketAssignment: { bucketName: 'eks_dns_logs' },
  };
  const own = (stub: Stub) => JSON.stringify(pipelineOf(stub)?.value);

  it('asks for every key that it was told, each once', async () => {
    const stub = await startDynatraceStub();
    await apply(stub);
    expect((await runDynatrace(['apply', stub.url, '--record-key', `${OTHER_KEY},${KEY}`])).code).toBe(0);
    expect(own(stub).split(KEY)).toHaveLength(4);
    expect(own(stub)).toContain(OTHER_KEY);
    expect(String(entriesOf(stub)[0]?.matcher)).toContain(` or `);
    expect(entriesOf(stub)[0]?.matcher).toContain(OTHER_KEY);
  });

  it('keeps processors and names of others, in update and remove', async () => {
    const stub = await startDynatraceStub();
    await apply(stub);
    const pipeline = pipelineOf(stub);
    if (pipeline)
      pipeline.value = { ...pipeline.value, displayName: 'DNS of ours', storage: { processors: [foreign] } };
    expect((await runDynatrace(['apply', stub.url, '--record-key', OTHER_KEY])).code).toBe(0);
    expect(pipelineOf(stub)?.value).toMatchObject({
      displayName: 'DNS of ours',
      storage: { processors: [foreign] },
    });
    const { stdout } = await runDynatrace(['remove', stub.url]);
    expect(stdout).toContain(
      'note: pipeline: kept, because it holds processors of others: storage/processor_bucket',
    );
    expect(pipelineOf(stub)?.value).toMatchObject({
      processing: { processors: [] },
      storage: { processors: [foreign] },
    });
  });

  it('is brought to this version', async () => {
    const stub = await startDynatraceStub();
    await apply(stub);
    const pipeline = pipelineOf(stub);
    const old = JSON.parse(own(stub).replace('parse content', 'parse  content')) as JsonObject;
    if (pipeline)
      pipeline.value = { ...old, davis: { processors: [{ ...foreign, id: 'processor_eks_dns_old' }] } };
    const status = await runDynatrace(['status', stub.url]);
    expect(status.stdout).toMatch(
      /warning {2}Dynatrace pipeline: .* of another version: .*davis\/processor_eks_dns_old/,
    );
    expect((await runDynatrace(['apply', stub.url])).stdout).toMatch(/^update +pipeline/m);
    expect(pipelineOf(stub)?.value.davis).toEqual({ processors: [] });
    expect((await runDynatrace(['status', stub.url])).stdout).toContain(
      'pipeline_eks_dns is of this version',
    );
  });

  it('is found behind many others', async () => {
    const stub = await startDynatraceStub({ pageSize: 2 });
    for (let n = 0; n < 5; n += 1)
      stub.settings.create(PIPELINES, { customId: `pipeline_${n}`, displayName: `${n}` });
    await apply(stub);
    expect((await runDynatrace(['apply', stub.url])).stdout).toMatch(/^nothing to change\n/);
  });

  it('of somebody else, who did not share it, is reported as such', async () => {
    const stub = await startDynatraceStub();
    stub.settings.create(PIPELINES, { customId: 'pipeline_eks_dns' }, { owner: 'somebody' });
    const { code, stderr } = await apply(stub);
    expect({ code, writes: stub.writes }).toEqual({ code: 1, writes: [] });
    expect(stderr).toContain('another pipeline with an identical customId');
  });
});

describe('record keys', () => {
  it.each(['None', KEY.toUpperCase(), 'short', `${KEY}"`])('%j is a usage error', async (key) => {
    const stub = await startDynatraceStub();
    expect((await runDynatrace(['apply', stub.url, '--record-key', key])).code).toBe(2);
    expect(stub.writes).toEqual([]);
  });

  it('none: the matcher takes whatever looks like a record, and status warns', async () => {
    const stub = await startDynatraceStub();
    expect((await runDynatrace(['apply', stub.url, '--no-record-key'])).code).toBe(0);
    expect(JSON.stringify(pipelineOf(stub)?.value)).not.toContain('<RECORD_KEY>');
    expect(entriesOf(stub)[0]?.matcher).toContain('dns.client.attribution');
    expect((await runDynatrace(['status', stub.url])).stdout).toContain('asks for no record key');
  });

  it('too many for a matcher are refused', async () => {
    const stub = await startDynatraceStub();
    const keys = Array.from({ length: 120 }, (_, n) => `${KEY}${n}`);
    expect(await runDynatrace(['apply', stub.url, '--record-key', keys.join()])).toMatchObject({ code: 3 });
  });
});

describe('an API token', () => {
  it('makes pipeline and route, and says what it cannot make', async () => {
    const { stub } = await withRoutes();
    const { code, stdout } = await runDynatrace(['apply', stub.url, '--record-key', KEY, '--yes'], CLASSIC);
    expect(code).toBe(0);
    expect(stdout).toMatch(/note: dashboard.*: not made, an API token cannot; use a platform token/);
    expect(stdout).not.toMatch(/share/);
    expect(stdout).toMatch(/unknown {2}Dynatrace records: an API token cannot/);
    expect(stub.platform.documents).toEqual([]);
    expect((await runDynatrace(['remove', stub.url], CLASSIC)).code).toBe(0);
    expect(JSON.stringify(entriesOf(stub))).toBe(JSON.stringify(FOREIGN));
  });
});

describe('what arrives', () => {
  it.each([
    [
      { lifted: 12, text: 0 },
      0,
      'ok       Dynatrace records: 12 arrived in the last 15 minutes, with attributes',
    ],
    [{ lifted: 0, text: 7 }, 1, 'MISSING  Dynatrace records: 7 of 7 arrived in the last 15 minutes as text'],
    [{ lifted: 3, text: 7 }, 0, 'warning  Dynatrace records: 7 of 10 arrived'],
    [{ lifted: 0, text: 0 }, 0, 'warning  Dynatrace records: none arrived'],
    [{ isPartial: true }, 0, 'unknown  Dynatrace records: none in the 10 GB of logs that were read'],
    [{ isPartial: true, lifted: 1 }, 0, 'ok       Dynatrace records: 1 arrived'],
  ])('%j', async (arrivals, code, line) => {
    const stub = await startDynatraceStub();
    await apply(stub);
    Object.assign(stub.platform.arrivals, arrivals);
    expect(await runDynatrace(['status', stub.url])).toMatchObject({
      code,
      stdout: expect.stringContaining(line),
    });
  });

  it.each([
    ['storage:logs:read', 'Dynatrace records'],
    ['openpipeline:configurations:read', 'Dynatrace preview'],
  ])('is not looked at without %s, which the check says', async (scope, name) => {
    const stub = await startDynatraceStub({ without: [scope] });
    const { code, stdout } = await apply(stub);
    expect(code).toBe(0);
    expect(stdout).toMatch(
      new RegExp(
        `unknown {2}${name}: .*\\n +impact it was not checked\\n +fix +it needs the scope .*${scope}`,
      ),
    );
  });

  it('a preview that makes no attributes fails the command', async () => {
    const stub = await startDynatraceStub();
    stub.onRequest((_, path) =>
      path.includes('preview') ? { status: 200, body: { results: [{ matched: false }] } } : undefined,
    );
    expect(await apply(stub)).toMatchObject({
      code: 1,
      stdout: expect.stringContaining('MISSING  Dynatrace preview'),
    });
  });
});

it('makes the route also where the pipeline cannot be shared, and says so', async () => {
  const stub = await startDynatraceStub();
  stub.onRequest((method, path) =>
    method !== 'GET' && path.includes('/permissions') ? { status: 404, body: {} } : undefined,
  );
  const { code, stderr } = await apply(stub);
  expect(code).toBe(0);
  expect(stderr).toContain('warning: only you see the pipeline: Dynatrace refused to write settings (404)');
  expect(descriptions(stub)).toEqual(['EKS DNS']);
});

it('touches no document of others, whatever is listed', async () => {
  const stub = await startDynatraceStub();
  const listed = [
    { id: 'of-others', type: 'dashboard', version: 1, isPrivate: false, externalId: 'theirs' },
    { id: 'another', type: 'launchpad', version: 1, isPrivate: false },
  ];
  stub.onRequest((method, path) =>
    method === 'GET' && path.endsWith('/documents')
      ? { status: 200, body: { documents: listed } }
      : undefined,
  );
  await apply(stub);
  expect((await runDynatrace(['remove', stub.url])).code).toBe(0);
  expect(stub.writes.filter((line) => /of-others|another/.test(line))).toEqual([]);
});

it('makes pipeline and route without the scopes for documents', async () => {
  const stub = await startDynatraceStub({ without: ['document:documents:read'] });
  const { code, stdout } = await apply(stub);
  expect(code).toBe(0);
  expect(stdout).toContain('note: dashboard: not made, the token has no scope document:documents:read');
});

it('prints JSON', async () => {
  const { stub } = await withRoutes();
  const { stdout } = await apply(stub, '--yes', '--json');
  expect(JSON.parse(stdout)).toMatchObject({
    dryRun: false,
    changed: true,
    precedes: ['Lambda   "é"', 'everything'],
    behind: [],
  });
  const status = JSON.parse((await runDynatrace(['status', stub.url, '--json'])).stdout);
  expect(status).toMatchObject({
    ok: true,
    checks: expect.arrayContaining([
      { name: 'Dynatrace pipeline', state: 'ok', observed: 'pipeline_eks_dns is of this version' },
    ]),
  });
  expect(JSON.parse((await runDynatrace(['remove', stub.url, '--dry-run', '--json'])).stdout)).toMatchObject({
    dryRun: true,
    changed: true,
  });
});

it('prints what others can apply, without a token', async () => {
  const print = async (...args: string[]) =>
    JSON.parse((await runDynatrace(['apply', '--record-key', KEY, '--print', ...args], null)).stdout);
  expect(await print()).toMatchObject([
    { schemaId: PIPELINES, scope: 'environment', value: { customId: 'pipeline_eks_dns' } },
  ]);
  expect(await print('route')).toMatchObject({
    description: 'EKS DNS',
    enabled: true,
    matcher: expect.stringContaining(KEY),
  });
  expect(await print('dashboard')).toHaveProperty('tiles');
  expect(await print('alerts')).toBeInstanceOf(Array);
});

it('says that an environment has no OpenPipeline', async () => {
  const stub = await startDynatraceStub({ hasOpenPipeline: false });
  expect(await apply(stub)).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('has no OpenPipeline'),
  });
});

it('prints nothing of others that a terminal would obey', async () => {
  const stub = await startDynatraceStub();
  const evil = 'a\u009b2J\u202eb\u001b[1m';
  stub.settings.create(ROUTING, { routingEntries: [{ ...FOREIGN[0], description: evil }] });
  const runs = [
    await apply(stub, '--dry-run'),
    await apply(stub),
    await apply(stub, '--position', 'before:x'),
  ];
  for (const { stdout, stderr } of runs)
    for (const one of ['\u009b', '\u202e', '\u001b']) expect(stdout + stderr).not.toContain(one);
  expect(runs[0]?.stdout).toContain('"description": "a\\u009b2J\\u202eb\\u001b[1m"');
});

it('never prints the token', async () => {
  const stub = await startDynatraceStub();
  stub.onRequest(() => ({ status: 400, body: { error: { message: `wrong token \u001b[2J${PLATFORM}` } } }));
  const { stdout, stderr } = await apply(stub);
  expect(stdout + stderr).toContain('wrong token');
  for (const part of PLATFORM.split('.').slice(1)) expect(stdout + stderr).not.toContain(part);
  expect(stderr).not.toContain('\u001b[2J');
});
