import { readFileSync } from 'node:fs';
import { expect, it } from '@jest/globals';
import type { JsonObject } from '../../../src/core/util/json.ts';
import { startDynatraceStub } from '../support/dynatrace-stub/index.ts';
import { runDynatrace } from '../support/dynatrace-stub/run.ts';

const KEY = '00d1e2f3a4b5c6d7e8f9';
const PIPELINES = 'builtin:openpipeline.logs.pipelines';

type Stub = Awaited<ReturnType<typeof startDynatraceStub>>;
type Check = {
  readonly name: string;
  readonly state: string;
  readonly observed: string;
  readonly fix?: string;
};

const pipelineOf = ({ settings }: Stub) => settings.objects.find(({ schemaId }) => schemaId === PIPELINES);

/** The checks of an environment with these names, after `prepare`. */
async function checksAfter(prepare: (stub: Stub) => unknown): Promise<readonly Check[]> {
  const stub = await startDynatraceStub();
  await runDynatrace(['apply', stub.url, '--record-key', KEY]);
  await prepare(stub);
  const { stdout } = await runDynatrace(['status', stub.url, '--json']);
  return JSON.parse(stdout).checks;
}

const named = (checks: readonly Check[], name: string) => checks.filter((check) => check.name === name);

/** The value of the pipeline with the one processor of 1.0: its matcher and script were these. */
function ofFirstVersion(value: JsonObject): JsonObject {
  const { customId, displayName } = value;
  const processor = {
    id: 'processor_eks_dns_record',
    type: 'dql',
    enabled: true,
    description: 'Lift the DNS record out of content into attributes',
    matcher:
      'matchesValue(content, "{\\"timestamp\\":*") and matchesPhrase(content, "\\"dns.client.attribution\\":")',
    sampleData: '{"content": "{}"}',
    dql: {
      script: 'parse content, "JSON:record"\n| fieldsFlatten record, prefix: ""\n| fieldsRemove record',
    },
  };
  return {
    customId: customId ?? '',
    displayName: displayName ?? '',
    processing: { processors: [processor] },
  };
}

it('all is of this version after apply', async () => {
  const checks = await checksAfter(() => {});
  const own = checks.filter(({ name }) => /pipeline|key|dashboard|notebook/.test(name));
  expect(own.map(({ state }) => state)).toEqual(['ok', 'ok', 'ok', 'ok']);
});

it('names the pipeline of 1.0, which takes every record and asks for no key', async () => {
  const checks = await checksAfter((stub) => {
    const stored = pipelineOf(stub);
    if (stored !== undefined) stored.value = ofFirstVersion(stored.value);
  });
  expect(named(checks, 'Dynatrace pipeline')).toMatchObject([
    { state: 'warning', observed: expect.stringContaining('is of version 1.0') },
  ]);
  expect(named(checks, 'Dynatrace record key')).toMatchObject([
    { state: 'warning', observed: 'the pipeline asks for no record key' },
  ]);
});

it('does not take a changed pipeline of this version for that of 1.0', async () => {
  const checks = await checksAfter((stub) => {
    const stored = pipelineOf(stub);
    if (stored !== undefined) stored.value = { ...stored.value, processing: { processors: [] } };
  });
  expect(named(checks, 'Dynatrace pipeline')).toMatchObject([
    { observed: expect.stringContaining('is of another version') },
  ]);
});

it('names the shipped file that was applied without a key', async () => {
  const [{ value }] = JSON.parse(readFileSync('dynatrace/openpipeline-processor.json', 'utf8'));
  const checks = await checksAfter((stub) => {
    const stored = pipelineOf(stub);
    if (stored !== undefined) stored.value = value;
  });
  expect(named(checks, 'Dynatrace record key')).toMatchObject([
    { state: 'missing', observed: expect.stringContaining('<RECORD_KEY>') },
  ]);
});

it('names another pipeline that reads our records, and no other', async () => {
  const checks = await checksAfter((stub) => {
    const { value } = pipelineOf(stub) ?? {};
    stub.settings.create(PIPELINES, {
      ...ofFirstVersion(value ?? {}),
      customId: 'pipeline_dns',
      displayName: 'Old DNS',
    });
    stub.settings.create(PIPELINES, {
      customId: 'pipeline_x',
      displayName: 'X',
      processing: { processors: [] },
    });
  });
  expect(named(checks, 'Dynatrace pipeline').map(({ observed }) => observed)).toEqual([
    expect.stringContaining('is of this version'),
    'pipeline "Old DNS" has a processor for our records as well',
  ]);
});

it('names a dashboard with other queries', async () => {
  const checks = await checksAfter((stub) => {
    const [dashboard] = stub.platform.documents;
    if (dashboard !== undefined) dashboard.content = { tiles: { 0: { query: 'fetch logs' } } };
  });
  expect(named(checks, 'Dynatrace dashboard')).toMatchObject([
    { state: 'warning', observed: expect.stringContaining('other queries than this version') },
  ]);
  expect(named(checks, 'Dynatrace notebook')).toMatchObject([{ state: 'ok' }]);
});
