import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CloudFormation, waitUntilStackDeleteComplete } from '@aws-sdk/client-cloudformation';
import { Lambda } from '@aws-sdk/client-lambda';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { parseDocument } from 'yaml';
import { freshCheckout, ROOT, tool } from './support/checkout.ts';

const endpoint = process.env.MINISTACK_URL ?? '';
const STACK = 'eks-dns-firehose';

type Event = { readonly records: readonly { readonly recordId: string; readonly data: string }[] };
type Answer = {
  readonly records: readonly { readonly recordId: string; readonly result: string; data: string }[];
};

/** The directory file in `events/env.json`; the path is the same in a checkout and in the function's folder. */
const SAMPLE = 'events/directory.json';

/** Files under `folder`, by relative path. */
const filesIn = (folder: string): Map<string, Buffer> =>
  new Map(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path.slice(folder.length + 1), readFileSync(path)]),
  );

let checkout = '';

beforeAll(() => {
  checkout = freshCheckout();
  tool(checkout, 'sam', ['build']);
});

afterAll(() => rmSync(checkout, { recursive: true, force: true }));

it('sam build alone gives the same bytes as npm run build, and adds only the sample inventory', () => {
  const built = filesIn(join(checkout, '.aws-sam/build/Function'));
  // Built again in another folder: the bytes must not depend on the path.
  const elsewhere = `${checkout}-moved`;
  renameSync(checkout, elsewhere);
  try {
    expect(spawnSync('npm', ['run', '--silent', 'build'], { cwd: elsewhere }).status).toBe(0);
    const bundle = [...filesIn(join(elsewhere, 'dist'))].filter(([name]) =>
      /^(index\.mjs|chunks\/)/.test(name),
    );
    expect([...built.keys()].sort()).toEqual([...bundle.map(([name]) => name), SAMPLE].sort());
    expect(built.get(SAMPLE)?.equals(readFileSync(join(ROOT, SAMPLE)))).toBe(true);
    for (const [name, bytes] of bundle) expect([name, built.get(name)?.equals(bytes)]).toEqual([name, true]);
  } finally {
    renameSync(elsewhere, checkout);
  }
});

/**
 * ministack evaluates Select and Split only in values; no list has a second element here, so all conditions are false.
 */
function simplifyConditions(path: string): void {
  const document = parseDocument(readFileSync(path, 'utf8'));
  const conditions = document.toJS().Conditions as Record<string, unknown>;
  for (const [name, condition] of Object.entries(conditions))
    if (JSON.stringify(condition).includes('Fn::Select'))
      document.setIn(['Conditions', name], { 'Fn::Equals': ['present', 'absent'] });
  writeFileSync(path, document.toString());
}

it('passes sam validate --lint and cfn-lint', () => {
  expect(tool(checkout, 'sam', ['validate', '--lint'])).toContain('is a valid SAM Template');
  expect(tool(checkout, 'cfn-lint', ['template.yaml'])).toBe('');
});

describe('npm run package', () => {
  beforeAll(() => {
    expect(spawnSync('npm', ['run', '--silent', 'package'], { cwd: checkout }).status).toBe(0);
  });

  it('gives a plain template that passes cfn-lint', () => {
    expect(tool(checkout, 'cfn-lint', ['release/template.yaml'])).toBe('');
  });

  it('gives the resources that the translator of SAM gives, but for the place of the code and a tag', () => {
    const script = join(ROOT, 'test/aws/support/compare_sam.py');
    const { resources, differences } = JSON.parse(tool(checkout, 'python', [script]));
    expect(resources).toBeGreaterThan(40);
    expect(differences).toEqual([
      'Function.Metadata',
      'Function.Properties.Code',
      'Function.Properties.Tags',
    ]);
  });
});

describe('deployed', () => {
  const lambda = new Lambda({ endpoint });
  let functionName = '';

  beforeAll(async () => {
    simplifyConditions(join(checkout, '.aws-sam/build/template.yaml'));
    const flags = ['--no-confirm-changeset', '--capabilities', 'CAPABILITY_IAM', '--resolve-s3'];
    const parameters = [
      '--parameter-overrides',
      'Ec2Lookup=off',
      '--region',
      'eu-west-1',
      '--stack-name',
      STACK,
    ];
    tool(checkout, 'samlocal', ['deploy', ...flags, ...parameters], { AWS_ENDPOINT_URL: endpoint });
    const { Stacks } = await new CloudFormation({ endpoint }).describeStacks({ StackName: STACK });
    const output = (key: string) =>
      Stacks?.[0]?.Outputs?.find(({ OutputKey }) => OutputKey === key)?.OutputValue;
    functionName = output('FunctionName') ?? '';
  });

  it('has the settings of the template', async () => {
    const found = await lambda.getFunctionConfiguration({ FunctionName: functionName });
    expect(found).toMatchObject({
      Handler: 'index.handler',
      Runtime: 'nodejs24.x',
      MemorySize: 1024,
      Timeout: 60,
    });
    expect(found.Environment?.Variables).toMatchObject({
      OUTPUT_FORMAT: 'cloudwatch-logs',
      EC2_LOOKUP: 'off',
      POWERTOOLS_SERVICE_NAME: STACK,
    });
  });

  const events = readdirSync(join(ROOT, 'events')).filter((name) => /^\d\d-.*\.json$/.test(name));

  it.each(events)('answers %s: every record once, in order', async (name) => {
    const event = JSON.parse(readFileSync(join(ROOT, 'events', name), 'utf8')) as Event;
    const { Payload, FunctionError } = await lambda.invoke({
      FunctionName: functionName,
      Payload: JSON.stringify(event),
    });
    expect(FunctionError).toBeUndefined();
    const answer = JSON.parse(Buffer.from(Payload ?? []).toString()) as Answer;
    expect(answer.records.map(({ recordId }) => recordId)).toEqual(
      event.records.map(({ recordId }) => recordId),
    );
    for (const { result } of answer.records) expect(result).toMatch(/^(Ok|Dropped|ProcessingFailed)$/);
  });

  it('normalises DNS events and passes others through', async () => {
    const results = async (name: string) => {
      const event = JSON.parse(readFileSync(join(ROOT, 'events', name), 'utf8')) as Event;
      const { Payload } = await lambda.invoke({ FunctionName: functionName, Payload: JSON.stringify(event) });
      const { records } = JSON.parse(Buffer.from(Payload ?? []).toString()) as Answer;
      return records.map(({ result, data }, index) => ({
        result,
        same: data === event.records[index]?.data,
      }));
    };
    expect(await results('01-coredns-query.json')).toContainEqual({ result: 'Ok', same: false });
    for (const one of await results('13-foreign.json')) expect(one).toEqual({ result: 'Ok', same: true });
  });

  it('is deleted completely', async () => {
    // The last step of `sam delete`, whose other calls ministack does not support.
    const cloudformation = new CloudFormation({ endpoint });
    await cloudformation.deleteStack({ StackName: STACK });
    await waitUntilStackDeleteComplete({ client: cloudformation, maxWaitTime: 60 }, { StackName: STACK });
    await expect(lambda.getFunctionConfiguration({ FunctionName: functionName })).rejects.toThrow();
  });
});
