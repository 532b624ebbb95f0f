// `sam deploy` as the documents have it, against ministack.
import { spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { BIN, builtCheckout, ROOT } from './checkout.ts';
import { MINISTACK } from './ministack.ts';

/** The stack of the documents. */
export const STACK = 'eks-dns-firehose';

/** Runs a command line of the documents that ends with `sam deploy <options>`, without the question; throws if it fails. */
export function deploy(command: string): void {
  const run = spawnSync('sh', ['-c', `${command} --no-confirm-changeset --no-fail-on-empty-changeset`], {
    cwd: builtCheckout(),
    encoding: 'utf8',
    env: { ...process.env, PATH: `${BIN}:${process.env.PATH}`, AWS_ENDPOINT_URL: MINISTACK },
  });
  if (run.status !== 0) throw new Error(`${command}\n${run.stdout}${run.stderr}`);
}

/** Deploys with these parameters, such as `Clusters=shop`; the others keep their values. */
export const setParameters = (...parameters: readonly string[]): void =>
  deploy(`sam deploy --parameter-overrides ${parameters.join(' ')}`);

/** A parameter without a value; SAM takes one only in quotes of its own. */
export const empty = (name: string): string => `'${name}=""'`;

/** The first line of a document that begins like this, with its placeholders filled in; throws if one is left. */
export function lineOf(document: string, begin: string, values: Readonly<Record<string, string>>): string {
  const line = readFileSync(join(ROOT, document), 'utf8')
    .split('\n')
    .find((one) => one.startsWith(begin));
  const filled = Object.entries(values).reduce(
    (text, [name, value]) => text.replaceAll(`<${name}>`, value),
    line ?? '<line>',
  );
  if (filled.includes('<')) throw new Error(`${document}: ${filled}`);
  return filled;
}
