import { describe, expect, it } from '@jest/globals';
import { parseClusterList } from '../../src/lambda/cluster-list.ts';
import { loadConfiguration } from '../../src/lambda/config.ts';

const REGION = 'eu-west-1';
const ROLE = 'arn:aws:iam::444455556666:role/team/eks-dns';
const SHOP = 'arn:aws:eks:us-east-1:444455556666:cluster/shop';
const parse = (text: string) => parseClusterList(text, REGION);

describe('an entry', () => {
  it.each([
    [
      'a name',
      'shop',
      {
        id: 'shop',
        name: 'shop',
        arn: undefined,
        accountId: undefined,
        region: undefined,
        roleArn: undefined,
      },
    ],
    [
      'an ARN',
      SHOP,
      {
        id: SHOP,
        name: 'shop',
        arn: SHOP,
        accountId: '444455556666',
        region: 'us-east-1',
        roleArn: undefined,
      },
    ],
    [
      'an ARN with a role',
      ` ${SHOP} = ${ROLE} `,
      { id: SHOP, name: 'shop', arn: SHOP, accountId: '444455556666', region: 'us-east-1', roleArn: ROLE },
    ],
    [
      'a name with a role, in the account of the role',
      `shop=${ROLE}`,
      {
        id: 'arn:aws:eks:eu-west-1:444455556666:cluster/shop',
        name: 'shop',
        arn: 'arn:aws:eks:eu-west-1:444455556666:cluster/shop',
        accountId: '444455556666',
        region: undefined,
        roleArn: ROLE,
      },
    ],
    [
      'a cluster in China',
      'arn:aws-cn:eks:cn-north-1:111122223333:cluster/a_b=arn:aws-cn:iam::111122223333:role/r',
      {
        id: 'arn:aws-cn:eks:cn-north-1:111122223333:cluster/a_b',
        name: 'a_b',
        arn: 'arn:aws-cn:eks:cn-north-1:111122223333:cluster/a_b',
        accountId: '111122223333',
        region: 'cn-north-1',
        roleArn: 'arn:aws-cn:iam::111122223333:role/r',
      },
    ],
    [
      'a cluster in GovCloud',
      'arn:aws-us-gov:eks:us-gov-west-1:111122223333:cluster/x',
      {
        id: 'arn:aws-us-gov:eks:us-gov-west-1:111122223333:cluster/x',
        name: 'x',
        arn: 'arn:aws-us-gov:eks:us-gov-west-1:111122223333:cluster/x',
        accountId: '111122223333',
        region: 'us-gov-west-1',
        roleArn: undefined,
      },
    ],
  ])('is %s', (_, text, expected) => {
    expect(parse(text)).toEqual({ clusters: [expected], faults: [] });
  });

  it('has no ARN by name and role where the own region is not known', () => {
    const { clusters, faults } = parseClusterList(`shop=${ROLE}`, undefined);
    expect(faults).toEqual([]);
    expect(clusters).toEqual([
      {
        id: `shop=${ROLE}`,
        name: 'shop',
        arn: undefined,
        accountId: '444455556666',
        region: undefined,
        roleArn: ROLE,
      },
    ]);
  });

  it.each([
    ['a.b', '"a.b" is not a cluster name'],
    ['-a', '"-a" is not a cluster name'],
    ['a'.repeat(101), 'is not a cluster name'],
    [`=${ROLE}`, '"" is not a cluster name'],
    ['__proto__', '"__proto__" is not a cluster name'],
    ['arn:aws:eks:us-east-1:444455556666:nodegroup/shop', 'is not the ARN of a cluster'],
    ['arn:aws:eks:us-east-1:44445555666:cluster/shop', 'is not the ARN of a cluster'],
    ['arn:aws:eks::444455556666:cluster/shop', 'is not the ARN of a cluster'],
    ['arn:aws:eks:us-east-1:444455556666:cluster/shop/x', 'is not the ARN of a cluster'],
    ['arn:evil:eks:us-east-1:444455556666:cluster/shop', 'is not the ARN of a cluster'],
    ['shop=', '"" is not the ARN of an IAM role'],
    ['shop=reader', '"reader" is not the ARN of an IAM role'],
    ['shop=arn:aws:iam::444455556666:user/x', 'is not the ARN of an IAM role'],
    ['shop=arn:aws:iam::444455556666:role/*', 'is not the ARN of an IAM role'],
    [`${SHOP}=arn:aws:iam::777788889999:role/r`, 'must be in the account of the cluster'],
    [`${SHOP}=arn:aws-cn:iam::444455556666:role/r`, 'must be in the account of the cluster'],
  ])('%s is a fault', (text, fault) => {
    expect(parse(text)).toEqual({ clusters: [], faults: [expect.stringContaining(fault)] });
  });
});

describe('a list', () => {
  it.each([
    ['names', 'shop,lab'],
    ['one name in two accounts', `shop,shop=${ROLE}`],
    ['one name in two regions', `shop,arn:aws:eks:us-east-1:111122223333:cluster/shop`],
    ['one name in two accounts and two regions', `${SHOP}=${ROLE},shop=${ROLE},shop`],
    ['nothing', ' , '],
  ])('may hold %s', (_, text) => {
    expect(parse(text).faults).toEqual([]);
  });

  it.each([
    ['a name', 'shop,lab,shop'],
    ['an ARN', `${SHOP}=${ROLE},${SHOP}`],
    ['a name and its ARN', 'shop,arn:aws:eks:eu-west-1:111122223333:cluster/shop'],
    ['an ARN and its name', 'arn:aws:eks:eu-west-1:111122223333:cluster/shop,shop'],
    [
      'a name in the account of a role, and its ARN',
      `shop=${ROLE},arn:aws:eks:eu-west-1:444455556666:cluster/shop=${ROLE}`,
    ],
  ])('may not hold %s twice', (_, text) => {
    expect(parse(text).faults).toEqual([expect.stringMatching(/listed twice$/)]);
  });
});

it("takes the function's region from AWS_REGION, and names the variable with each fault", () => {
  const load = (environment: Record<string, string>) => loadConfiguration(() => ({ ok: true }), environment);
  expect(load({ CLUSTERS: `shop=${ROLE}`, AWS_REGION: 'eu-west-1' })).toMatchObject({
    ok: true,
    settings: { clusters: [{ arn: 'arn:aws:eks:eu-west-1:444455556666:cluster/shop' }] },
  });
  expect(load({ CLUSTERS: 'a.b,c=d', DROP: 'x' })).toMatchObject({
    ok: false,
    faults: [/^DROP: /, /^CLUSTERS: "a.b" /, /^CLUSTERS: "d" /].map((start) => expect.stringMatching(start)),
  });
});
