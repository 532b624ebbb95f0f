import { describe, expect, it } from '@jest/globals';
import { enableResolverLogCommand } from '../src/cli/commands/enable-resolver-log.ts';
import { dynatraceEndpoint } from '../src/cli/lib/stream/dynatrace-endpoint.ts';
import { compileFormat } from '../src/core/sources/coredns/format.ts';
import { loadConfiguration, VARIABLE_NAMES } from '../src/lambda/config.ts';
import { readTemplate } from './support/template.ts';

type Node = { readonly [key: string]: unknown };

const template = readTemplate() as Node;
const resources = Object.entries(template.Resources as Record<string, Node>);

/** The value of `Join`, `Select`, `Split` and the stack's id. */
function evaluate(node: unknown, stackId: string): unknown {
  if (Array.isArray(node)) return node.map((item) => evaluate(item, stackId));
  if (typeof node !== 'object' || node === null) return node;
  const [[name, argument] = []] = Object.entries(node);
  if (name === 'Ref') return stackId;
  const [first, second] = evaluate(argument, stackId) as readonly [string | number, string | string[]];
  if (name === 'Select') return second[Number(first)];
  if (name === 'Split') return String(second).split(String(first));
  return (second as string[]).join(String(first));
}

/** Every IAM statement below `node`, at any depth. */
function statementsIn(node: unknown): readonly Node[] {
  if (Array.isArray(node)) return node.flatMap(statementsIn);
  if (typeof node === 'string' && node.startsWith('{"Version"')) return statementsIn(JSON.parse(node));
  if (typeof node !== 'object' || node === null) return [];
  const found = Object.values(node).flatMap(statementsIn);
  return 'Effect' in node ? [node as Node, ...found] : found;
}

const asList = (value: unknown): readonly unknown[] => (Array.isArray(value) ? value : [value]);

const allowed = resources.flatMap(([name, resource]) =>
  statementsIn(resource)
    .filter((statement) => statement.Effect === 'Allow')
    .map((statement) => ({ name: `${name} ${statement.Sid ?? 'trust'}`, statement })),
);

describe('IAM in template.yaml', () => {
  /** Statements that AWS does not allow to be limited to a resource, and why. */
  const UNLIMITED = new Map([
    [
      'FunctionRole DescribeInstances',
      'EC2 Describe calls have no resource-level permissions; limited to the region',
    ],
    [
      'FunctionRole NetworkInterfacesOfLambda',
      'Lambda requires permissions on every interface; denied to the code',
    ],
  ]);

  it('finds the statements', () => {
    expect(allowed.length).toBeGreaterThanOrEqual(14);
  });

  it.each(allowed)('$name allows no wildcard action', ({ statement }) => {
    for (const action of asList(statement.Action)) expect(action).toMatch(/^[a-z0-9]+:[A-Za-z]+$/);
    expect(statement).not.toHaveProperty('NotAction');
  });

  it.each(allowed)('$name names its resources, unless AWS requires a wildcard', ({ name, statement }) => {
    const isWildcard = asList(statement.Resource ?? 'trust').some((resource) => resource === '*');
    expect(isWildcard).toBe(UNLIMITED.has(name));
  });

  it('lets only AWS services assume a role', () => {
    const principals = allowed.map(({ statement }) => statement.Principal).filter((one) => one !== undefined);
    expect(principals.length).toBe(5);
    for (const principal of principals)
      expect(principal).toEqual({ Service: expect.stringMatching(/\.amazonaws\.com$/) });
  });
});

describe('the function in template.yaml', () => {
  const properties = (template.Resources as Record<string, { Properties: Node }>).Function
    ?.Properties as Node;
  const variables = (properties.Environment as { Variables: Record<string, Node> }).Variables;

  it('has every setting as a parameter of the same name', () => {
    const parameters = template.Parameters as Record<string, unknown>;
    const settings = Object.entries(variables).filter(([name]) => name !== 'POWERTOOLS_SERVICE_NAME');
    expect(settings.map(([name]) => name).sort()).toEqual([...VARIABLE_NAMES].sort());
    for (const [name, value] of settings) {
      // `!If` adds what the stack itself makes, or has a derived default.
      const options = (Array.isArray(value.If) ? value.If.slice(1) : [value]) as readonly {
        readonly Ref?: string;
      }[];
      const ref = options.map(({ Ref }) => Ref).find((one) => one !== undefined) ?? '';
      expect(ref.replaceAll(/([a-z0-9])([A-Z])/g, '$1_$2').toUpperCase()).toBe(name);
      expect(parameters).toHaveProperty(ref);
    }
  });

  it('derives a key that differs between stacks, passes the settings, and is an output', () => {
    const [condition, , derived] = (variables.RECORD_KEY?.If ?? []) as readonly unknown[];
    expect(condition).toBe('HasRecordKey');
    const keyOf = (uuid: string): unknown =>
      evaluate(derived, `arn:aws:cloudformation:eu-west-1:111122223333:stack/dns/${uuid}`);
    const key = keyOf('51af3dc0-da77-11e4-872e-0a5a5a5a5a5a');
    expect(key).toBe('51af3dc00a5a5a5a5a5a');
    expect(keyOf('51af3dc1-da77-11e4-872e-0a5a5a5a5a5a')).not.toBe(key);
    expect(keyOf('51af3dc0-da77-11e4-872e-0a5a5a5a5a5b')).not.toBe(key);
    expect(loadConfiguration(compileFormat, { RECORD_KEY: String(key) })).toMatchObject({
      settings: { recordKey: key },
    });
    const outputs = template.Outputs as Record<string, { readonly Value: unknown }>;
    expect(outputs.RecordKey?.Value).toEqual(variables.RECORD_KEY);
  });

  it('runs the bundle on arm64, within the five minutes that Firehose waits', () => {
    expect(properties).toMatchObject({
      Handler: 'index.handler',
      Runtime: 'nodejs24.x',
      Architectures: ['arm64'],
    });
    expect((template.Parameters as Record<string, Node>).TimeoutSeconds?.MaxValue).toBe(300);
  });
});

describe('parameters of template.yaml', () => {
  const parameters = template.Parameters as Record<string, Node>;
  const variables = (
    template.Resources as Record<string, { Properties: { Environment: { Variables: Record<string, Node> } } }>
  ).Function?.Properties.Environment.Variables;
  const numbers = Object.entries(variables ?? {}).flatMap(([name, { Ref }]) => {
    const { Type, MinValue, MaxValue } = parameters[String(Ref)] ?? {};
    return Type === 'Number' ? [{ name, min: Number(MinValue), max: Number(MaxValue) }] : [];
  });

  it('finds the numbers', () => {
    expect(numbers.length).toBeGreaterThan(3);
  });

  it.each(numbers)('$name has the bounds of the configuration', ({ name, min, max }) => {
    const isValid = (value: number) => loadConfiguration(compileFormat, { [name]: String(value) }).ok;
    expect([min - 1, min, max, max + 1].map(isValid)).toEqual([false, true, true, false]);
  });

  /** Evaluates a rule's condition or assertion as CloudFormation does. */
  function holds(node: unknown, given: Readonly<Record<string, string>>): boolean {
    const [[name, value] = ['', undefined]] = Object.entries(node as Node);
    const list = asList(value);
    const text = (one: unknown) => (typeof one === 'string' ? one : (given[String((one as Node).Ref)] ?? ''));
    if (name === 'Not') return !holds(list[0], given);
    if (name === 'And') return list.every((one) => holds(one, given));
    if (name === 'Or') return list.some((one) => holds(one, given));
    if (name === 'Equals') return text(list[0]) === text(list[1]);
    throw new Error(`unknown function in a rule: ${name}`);
  }

  type Rule = {
    readonly RuleCondition: unknown;
    readonly Assertions: readonly { readonly Assert: unknown }[];
  };
  const rules = Object.values(template.Rules as Record<string, Rule>);
  const refused = (given: Readonly<Record<string, string>>): boolean =>
    rules.some(
      ({ RuleCondition, Assertions }) =>
        holds(RuleCondition, given) && !Assertions.every(({ Assert }) => holds(Assert, given)),
    );

  it.each([
    { given: {}, isRefused: false },
    { given: { SubnetIds: 'subnet-1' }, isRefused: true },
    { given: { SecurityGroupIds: 'sg-1' }, isRefused: true },
    { given: { SubnetIds: 'subnet-1', SecurityGroupIds: 'sg-1' }, isRefused: false },
    { given: { SubscribeLogGroups: '/a' }, isRefused: true },
    { given: { SubscribeLogGroups: '/a', StreamArn: 'arn', SubscriptionRoleArn: 'arn' }, isRefused: false },
    { given: { SubscribeFilterPattern: 'coredns' }, isRefused: true },
    { given: { DynatraceUrl: 'https://x' }, isRefused: true },
    { given: { DynatraceUrl: 'https://x', DynatraceToken: 't', SubscribeLogGroups: '/a' }, isRefused: false },
  ])('$given: refused $isRefused', ({ given, isRefused }) => {
    expect(refused(given)).toBe(isRefused);
  });
});

it.each([
  ['https://abc12345.live.dynatrace.com/api/v2/logs/ingest/aws_firehose', true],
  ['https://dt.example.com/e/1a-2b/api/v2/logs/ingest/aws_firehose', true],
  ['https://abc12345.da.dynatrace.com/api/aws/firehose/v1/logs', true],
  ['https://abc12345.da.dynatrace.com/api/aws/firehose/v1/metrics', false],
  ['https://abc12345.live.dynatrace.com/api/v2/logs/ingest', false],
  ['https://abc12345.da.dynatrace.com.example.com/api/aws/firehose/v1/logs', false],
])('%s is an address for logs: %s, for the parameter and the commands', (url, isLogs) => {
  const { AllowedPattern } = (template.Parameters as Node).DynatraceUrl as { AllowedPattern: string };
  expect(new RegExp(AllowedPattern).test(url)).toBe(isLogs);
  expect(dynatraceEndpoint(url) !== undefined).toBe(isLogs);
});

describe('template.yaml', () => {
  it('creates only the function, its log and its role unconditionally', () => {
    const bare = resources.filter(([, { Condition }]) => Condition === undefined).map(([name]) => name);
    expect(bare).toEqual(['Function', 'FunctionLog', 'FunctionRole']);
  });

  it('describes every parameter and shows it in a group', () => {
    const parameters = Object.entries(template.Parameters as Record<string, Node>);
    const groups = (template.Metadata as Record<string, { ParameterGroups: { Parameters: string[] }[] }>)[
      'AWS::CloudFormation::Interface'
    ]?.ParameterGroups;
    const shown = groups?.flatMap((group) => group.Parameters) ?? [];
    expect([...shown].sort()).toEqual(parameters.map(([name]) => name).sort());
    for (const [, { Description }] of parameters) expect(String(Description)).toMatch(/^.{20,}\.$/s);
  });

  it('never subscribes a log group that the function or the stream writes to', () => {
    const own = ['FunctionLog', 'StreamLog'];
    const filters = resources.filter(([, { Type }]) => Type === 'AWS::Logs::SubscriptionFilter');
    expect(filters.length).toBe(6);
    for (const [, filter] of filters) {
      const group = (filter.Properties as Record<string, { Ref?: string }>).LogGroupName?.Ref;
      expect(own).not.toContain(group);
    }
  });

  it('subscribes log groups with the given pattern, and the Resolver log without one', () => {
    const patterns = resources
      .filter(([, { Type }]) => Type === 'AWS::Logs::SubscriptionFilter')
      .map(([name, { Properties }]) => [name.replace(/\d$/, ''), (Properties as Node).FilterPattern]);
    const fromParameter = Array.from({ length: 5 }, () => [
      'Subscription',
      { Ref: 'SubscribeFilterPattern' },
    ]);
    expect(patterns).toEqual([['ResolverSubscription', ''], ...fromParameter]);
  });

  it('gives the Resolver log another name than enable-resolver-log does', () => {
    const declared = template.Resources as Record<string, { Properties: Record<string, { Sub?: string }> }>;
    const name = (sub: string | undefined) => sub?.replaceAll(/\$\{AWS::StackName\}/g, 'eks-dns-firehose');
    const { options } = enableResolverLogCommand();
    const byCommand = (flag: string) => options.find(({ long }) => long === flag)?.defaultValue;
    const group = declared.ResolverLog?.Properties.LogGroupName?.Sub;
    expect(name(group)).toMatch(/^\/aws\/vendedlogs\/.*eks-dns-firehose.+/);
    expect(name(group)).not.toBe(byCommand('--log-group'));
    expect(byCommand('--name')).toBe('eks-dns-firehose');
    expect(name(declared.ResolverQueryLog?.Properties.Name?.Sub)).toMatch(/^eks-dns-firehose.+/);
    // The resource policy allows writing to exactly that group.
    expect(declared.ResolverLogPolicy?.Properties.PolicyDocument?.Sub).toContain(
      `:log-group:${group}:log-stream:*`,
    );
  });

  it('mentions in the alarm on failed records that they may have passed through unchanged', () => {
    const alarm = (template.Resources as Record<string, { Properties: Node }>).RecordsFailedAlarm;
    expect(alarm?.Properties.AlarmDescription).toMatch(/passed through unchanged.*record_failed/);
  });
});
