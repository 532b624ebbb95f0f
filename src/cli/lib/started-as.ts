// How a command is called again: messages name commands as `eks-dns <command>`, and are printed as this process was started.
import { basename, delimiter, dirname, relative } from 'node:path';
import { shellWord } from './shell.ts';

const NPM_SCRIPTS: ReadonlySet<string | undefined> = new Set(['cli', 'invoke', 'demo']);

const isNpmScript = (script: string | undefined, entry: string): boolean =>
  NPM_SCRIPTS.has(script) && basename(entry).startsWith('src-cli-main');

/**
 * The words that call the command line again, from the same folder: `npm run -s cli --` in a checkout, `node dist/cli.mjs`
 * where the built file was run, else `eks-dns`, with its path where the shell would not find it. Never npx: it would
 * fetch whatever package has this name.
 */
export function startedAs(
  script = process.env.npm_lifecycle_event,
  entry = process.argv[1] ?? '',
  folder = process.cwd(),
  path = process.env.PATH ?? '',
): string {
  if (basename(entry) === 'cli.mjs') return `node ${shellWord(relative(folder, entry))}`;
  if (isNpmScript(script, entry)) return 'npm run -s cli --';
  const isFound = basename(entry) !== 'eks-dns' || path.split(delimiter).includes(dirname(entry));
  return isFound ? 'eks-dns' : shellWord(`./${relative(folder, entry)}`);
}

/** Path of a file or folder from where the user called the command; npm moves its scripts to the folder of the package. */
export function pathFromUser(
  path: string,
  script = process.env.npm_lifecycle_event,
  entry = process.argv[1] ?? '',
): string {
  const from = isNpmScript(script, entry) ? (process.env.INIT_CWD ?? process.cwd()) : process.cwd();
  return relative(from, path) || '.';
}

// Only where a command follows: roles and stacks may be named `eks-dns` as well.
const CALL =
  /(?<![\w/-])eks-dns (attach|detach|status|(?:un)?subscribe|enable-(?:coredns|resolver)-log|doctor|dynatrace apply|dynatrace|setup|lookup-role|transform|invoke|make-(?:event|directory)|explain-format|correlate|allow-list|report|simulate)\b(?![\w-])/;

/** The commands of ours that take a Region. */
const IN_A_REGION =
  /^(?:attach|detach|status|(?:un)?subscribe|enable-(?:coredns|resolver)-log|doctor|dynatrace apply|setup|lookup-role)$/;

/** Calls of AWS's own command line whose answer depends on the Region. */
const AWS_CALL =
  /(?<![\w/-])aws (?:(?:cloudformation|ec2|eks|firehose|iam|lambda|logs|route53resolver) [a-z]+(?:-[a-z]+)+|logs tail|s3 [mr]b)\b/;

/** Whether the command that goes on in `rest` names its Region. */
const namesRegion = (rest: string): boolean => /^[^`&\n]* --region /.test(rest);

const EITHER = new RegExp(`${CALL.source}|${AWS_CALL.source}`, 'g');

let named: string | undefined;

/** Remembers the Region that was named for this process: commands that it prints have to name it as well. */
export function nameRegion(region: string | undefined): void {
  named = region;
}

/** A message with every `eks-dns <command>` in it as this process was started, and in the Region that was named. */
export function asStarted(text: string, words = startedAs(), region = named): string {
  const option = (at: number): string =>
    region === undefined || namesRegion(text.slice(at)) ? '' : ` --region ${shellWord(region)}`;
  return text.replace(EITHER, (call: string, ours: string | undefined, at: number) => {
    if (ours === undefined) return `${call}${option(at)}`;
    return `${words} ${ours}${IN_A_REGION.test(ours) ? option(at) : ''}`;
  });
}
