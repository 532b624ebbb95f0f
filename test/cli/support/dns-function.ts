import type { DnsFunction } from '../../../src/cli/lib/stream/function.ts';

/** Function `dns` with these environment variables. */
export const dnsFunctionWith = (variables: Readonly<Record<string, string>>): DnsFunction => ({
  arn: 'arn:aws:lambda:eu-west-1:111122223333:function:dns',
  name: 'dns',
  timeoutSeconds: 60,
  roleArn: 'arn:aws:iam::111122223333:role/dns',
  logGroup: '/aws/lambda/dns',
  variables,
  isInVpc: false,
});
