// How a command is called again: messages name commands as `eks-dns <command>`, and are printed as this process was started.
import { basename, relative } from 'node:path';

const NPM_SCRIPTS: ReadonlySet<string | undefined> = new Set(['cli', 'invoke', 'demo']);

/**
 * The words that call the command line again, from the same folder: `npm run -s cli --` in a checkout, `node dist/cli.mjs`
 * where the built file was run, else `eks-dns`. Never npx: it would fetch whatever package has this name.
 */
export function startedAs(
  script = process.env.npm_lifecycle_event,
  entry = process.argv[1] ?? '',
  folder = process.cwd(),
): string {
  if (basename(entry) === 'cli.mjs') return `node ${quoted(relative(folder, entry))}`;
  const isNpm = NPM_SCRIPTS.has(script) && basename(entry).startsWith('src-cli-main');
  return isNpm ? 'npm run -s cli --' : 'eks-dns';
}

const quoted = (path: string): string =>
  /^[\w./@-]+$/.test(path) ? path : `'${path.replaceAll("'", `'\\''`)}'`;

// Only where a command follows: roles and stacks may be named `eks-dns` as well.
const CALL =
  /(?<![\w/-])eks-dns (attach|detach|status|(?:un)?subscribe|enable-(?:coredns|resolver)-log|doctor|dynatrace apply|dynatrace|setup|lookup-role|transform|invoke|make-(?:event|directory)|explain-format|correlate|allow-list|report|simulate)\b(?![\w-])/g;

/** The commands of ours that take a Region. */
const IN_A_REGION =
  /^(?:attach|detach|status|(?:un)?subscribe|enable-(?:coredns|resolver)-log|doctor|dynatrace apply|setup|lookup-role)$/;

/** Calls of AWS's own command line whose answer depends on the Region. */
const AWS_CALL =
  /(?<![\w/-])aws (?:cloudformation|eks|firehose|iam|lambda|logs|route53resolver) [a-z]+(?:-[a-z]+)+\b(?!.*--region)/g;

let named: string | undefined;

/** Remembers the Region that was named for this process: commands that it prints have to name it as well. */
export function nameRegion(region: string | undefined): void {
  named = region;
}

/** A message with every `eks-dns <command>` in it as this process was started, and in the Region that was named. */
export function asStarted(text: string, words = startedAs(), region = named): string {
  const option = region === undefined ? '' : ` --region ${quoted(region)}`;
  return text
    .replace(CALL, (_, command) => `${words} ${command}${IN_A_REGION.test(command) ? option : ''}`)
    .replace(AWS_CALL, (call) => `${call}${option}`);
}
