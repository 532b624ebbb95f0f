// What the parameter `Clusters` of template.yaml becomes: the intrinsic functions are evaluated as CloudFormation does.
import { expect, it } from '@jest/globals';
import { parseClusterList } from '../src/lambda/cluster-list.ts';
import { FUNCTIONS, readTemplate } from './support/template.ts';

type Node = { readonly [key: string]: unknown };

const PSEUDO = { 'AWS::Region': 'eu-west-1', 'AWS::AccountId': '111122223333', 'AWS::Partition': 'aws' };
const ROLE = 'arn:aws:iam::444455556666:role/team/eks-dns';

const template = readTemplate() as {
  Parameters: Record<string, Node>;
  Conditions: Node;
  Resources: Record<string, Node>;
};

/** The template's value at `node` with these parameters; undefined = `AWS::NoValue`. */
function evaluate(node: unknown, given: Readonly<Record<string, string>>): unknown {
  const of = (one: unknown) => evaluate(one, given);
  if (Array.isArray(node)) return node.map(of).filter((one) => one !== undefined);
  if (typeof node !== 'object' || node === null) return node;
  const [[name = '', value] = []] = Object.entries(node);
  if (!FUNCTIONS.includes(name)) {
    return Object.fromEntries(Object.entries(node).map(([key, member]) => [key, of(member)]));
  }
  const list = Array.isArray(value) ? value : [value];
  switch (name) {
    case 'Ref':
      return given[value];
    case 'Condition':
      return of(template.Conditions[value]);
    case 'If':
      return of(of({ Condition: list[0] }) === true ? list[1] : list[2]);
    case 'Not':
      return of(list[0]) !== true;
    case 'And':
      return list.every((one) => of(one) === true);
    case 'Or':
      return list.some((one) => of(one) === true);
    case 'Equals':
      return of(list[0]) === of(list[1]);
    case 'Split':
      return String(of(list[1])).split(of(list[0]) as string);
    case 'Join':
      return (of(list[1]) as string[]).join(of(list[0]) as string);
    case 'Select': {
      const selected = (of(list[1]) as string[])[Number(list[0])];
      if (selected === undefined) throw new Error(`Select ${list[0]} of too few`);
      return selected;
    }
    case 'Sub': {
      const names = { ...given, ...(of(list[1] ?? {}) as Record<string, string>) };
      return String(list[0]).replaceAll(/\$\{([\w:]+)\}/g, (_, key) => names[key] ?? `<${key}>`);
    }
    default:
      return `<${value}>`;
  }
}

/** Permissions of the function's role and the access entries, with this value of `Clusters`. */
function deployed(Clusters: string) {
  const given = {
    ...PSEUDO,
    Ec2Lookup: 'on',
    DirectoryFile: '',
    ManageClusterAccess: 'true',
    SubnetIds: '',
    Clusters,
  };
  const role = evaluate(template.Resources.FunctionRole?.Properties, given) as { Policies: Node[] };
  const statements = role.Policies.flatMap(
    ({ PolicyDocument }) => (PolicyDocument as { Statement: Node[] }).Statement,
  );
  const of = (sid: string) => statements.find(({ Sid }) => Sid === sid);
  const entries = Object.entries(template.Resources).flatMap(([name, resource]) =>
    name.startsWith('ClusterAccess') && evaluate({ Condition: resource.Condition }, given) === true
      ? [(evaluate(resource.Properties, given) as { ClusterName: string }).ClusterName]
      : [],
  );
  const regions = of('DescribeInstances')?.Condition as { StringEquals: { 'ec2:Region': string[] } };
  return {
    describes: of('DescribeCluster')?.Resource,
    assumes: of('AssumeClusterRoles')?.Resource,
    ec2Regions: [...new Set(regions.StringEquals['ec2:Region'])],
    entries,
  };
}

const own = (name: string) => `arn:aws:eks:eu-west-1:111122223333:cluster/${name}`;
const FAR = 'arn:aws:eks:us-east-1:111122223333:cluster/far';
const OTHER = 'arn:aws:eks:us-east-1:444455556666:cluster/shop';
const NONE = { describes: undefined, assumes: undefined, ec2Regions: ['eu-west-1'], entries: [] };

it.each<[string, string, ReturnType<typeof deployed>]>([
  ['none', '', NONE],
  ['a name', 'shop', { ...NONE, describes: [own('shop')], entries: ['shop'] }],
  [
    'five names',
    'a,b,c,d,e',
    { ...NONE, describes: ['a', 'b', 'c', 'd', 'e'].map(own), entries: ['a', 'b', 'c', 'd', 'e'] },
  ],
  ['an ARN of its own', own('shop'), { ...NONE, describes: [own('shop')], entries: ['shop'] }],
  ['an ARN of another region', FAR, { ...NONE, describes: [FAR], ec2Regions: ['eu-west-1', 'us-east-1'] }],
  ['a role', `${OTHER}=${ROLE}`, { ...NONE, assumes: [ROLE] }],
  ['a name with a role', `shop=${ROLE}`, { ...NONE, assumes: [ROLE] }],
  [
    'all of them',
    `shop,${OTHER}=${ROLE},${FAR},lab=${ROLE}2,${own('last')}`,
    {
      describes: [own('shop'), FAR, own('last')],
      assumes: [ROLE, `${ROLE}2`],
      ec2Regions: ['eu-west-1', 'us-east-1'],
      entries: ['shop', 'last'],
    },
  ],
])('Clusters with %s gives exactly the permissions for it', (_, clusters, expected) => {
  expect(deployed(clusters)).toEqual(expected);
});

it.each([
  ['', true],
  ['a,b-c,D_e', true],
  [`shop,${OTHER}=${ROLE},lab=${ROLE}`, true],
  ['arn:aws-cn:eks:cn-north-1:111122223333:cluster/x=arn:aws-cn:iam::111122223333:role/r', true],
  ['arn:aws-us-gov:eks:us-gov-west-1:111122223333:cluster/x', true],
  ['a,b,c,d,e,f', false],
  ['a, b', false],
  ['a.b', false],
  ['shop=', false],
  [`shop=${ROLE}*`, false],
  ['shop=arn:aws:iam::444455556666:user/x', false],
])('the pattern of Clusters accepts %j: %s, as the function does', (text, isAccepted) => {
  const pattern = new RegExp(String(template.Parameters.Clusters?.AllowedPattern));
  expect(pattern.test(text)).toBe(isAccepted);
  if (isAccepted) expect(parseClusterList(text, 'eu-west-1').faults).toEqual([]);
});
