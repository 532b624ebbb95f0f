// Deploying the function's stack with SAM, as a command to print.
import type { Aws } from '../aws/clients.ts';
import { DEFAULT_STACK, stackOutputs } from '../aws/stack.ts';
import { packageFolder } from '../io/package-folder.ts';
import { commandLine, shellWord } from '../shell.ts';
import { pathFromUser } from '../started-as.ts';
import type { DnsFunction, FunctionOptions } from './function.ts';
import { unqualified } from './processing.ts';

/** What to deploy: stack, region, and the parameters to set; all others keep their values. */
export type Deployment = {
  readonly stack: string;
  readonly region: string | undefined;
  /** `Clusters=shop,web` */
  readonly parameters: readonly string[];
  /** Whether the user has agreed to the change already. */
  readonly isAgreed: boolean;
};

/** Arguments of `sam deploy`. */
export const deployArguments = ({ stack, region, parameters, isAgreed }: Deployment): readonly string[] => [
  'deploy',
  ...['--stack-name', stack],
  ...(region === undefined ? [] : ['--region', region]),
  ...(isAgreed ? ['--no-confirm-changeset', '--no-fail-on-empty-changeset'] : []),
  ...(parameters.length === 0 ? [] : ['--parameter-overrides', ...parameters]),
];

/** The lines that deploy from the folder of this program: one build, and the deployments one after the other. */
export const deployLines = (...deployments: readonly Deployment[]): readonly string[] => [
  'sam build',
  ...deployments.map((deployment) => commandLine(['sam', ...deployArguments(deployment)])),
];

/** The same as one line that runs from where the user is: `cd ../eks-dns && sam build && sam deploy ...`. */
export function deployCommand(...deployments: readonly Deployment[]): string {
  const folder = pathFromUser(packageFolder());
  const lines = deployLines(...deployments);
  // In a shell of its own, so that the user stays where they are.
  return folder === '.' ? lines.join(' && ') : `(cd ${shellWord(folder)} && ${lines.join(' && ')})`;
}

/** The stack whose parameters change the function; `stack` is undefined where it is not known. */
export type DeployTarget = { readonly stack: string | undefined; readonly region: string | undefined };

/** The stack of a function: the one that is named or the default one, unless another function is named than it made. */
export async function deployTarget(
  aws: Aws,
  { function: id, stack = DEFAULT_STACK, region }: FunctionOptions & { readonly region?: string },
  dnsFunction: DnsFunction | undefined,
): Promise<DeployTarget> {
  if (id === undefined) return { stack, region };
  const arn = await functionOf(aws, stack);
  return { stack: arn !== undefined && arn === dnsFunction?.arn ? stack : undefined, region };
}

async function functionOf(aws: Aws, stack: string): Promise<string | undefined> {
  try {
    return unqualified((await stackOutputs(aws, stack))?.get('FunctionArn') ?? '');
  } catch {
    // Without permission the fix names no command.
    return undefined;
  }
}

/** The command that deploys the function's stack with these parameters; a sentence where the stack is not known. */
export function deployFix({ stack, region }: DeployTarget, ...parameters: readonly string[]): string {
  if (stack !== undefined) return deployCommand({ stack, region, parameters, isAgreed: false });
  const change = parameters.length === 0 ? 'this version of the template' : parameters.join(' ');
  return `deploy the stack that made the function with ${change}`;
}
