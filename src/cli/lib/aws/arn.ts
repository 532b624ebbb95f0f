/** The parts of an ARN; empty where a part is missing. */
export type ArnParts = {
  readonly partition: string;
  readonly region: string;
  readonly accountId: string;
  readonly resource: string;
};

/** `arn:aws:lambda:eu-west-1:111122223333:function:dns` -> partition, region, account, `function:dns`. */
export function arnParts(arn: string): ArnParts {
  const [, partition = '', , region = '', accountId = '', ...resource] = arn.split(':');
  return { partition, region, accountId, resource: resource.join(':') };
}
