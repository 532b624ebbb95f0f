// The file in which `setup` writes what it decided, so that the other commands need no options.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import * as z from 'zod';
import { fail, jsonText, progress } from '../../terminal.ts';
import { parseJson } from '../io/json.ts';

const DECIDED = z.object({
  cluster: z.string(),
  region: z.string().optional(),
  stack: z.string().optional(),
  stream: z.string().optional(),
  dynatrace: z.string().optional(),
  logGroup: z.array(z.string()).optional(),
  without: z.array(z.enum(['resolver', 'coredns', 'dynatrace'])).optional(),
});

/** What `setup` decided: names and an address, no secret. */
export type Decided = z.infer<typeof DECIDED>;

/** The file, in the folder where the command runs. */
const path = (): string => process.env.EKS_DNS_SETUP ?? '.eks-dns.json';

/** What is in the file; undefined without one. Throws if it is not one of ours. */
export function readDecided(): Decided | undefined {
  let text: string;
  try {
    text = readFileSync(path(), 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw fail(`${path()} cannot be read: ${(error as Error).message}`);
  }
  const decided = DECIDED.safeParse(parseJson(text));
  if (decided.success)
    return isTrusted(decided.data.dynatrace) ? decided.data : { ...decided.data, dynatrace: undefined };
  throw fail(`${path()} is not a file that setup wrote`, 'delete it, or run setup again');
}

/** Whoever can put a file into the folder must not be sent the token: other addresses have to be named each time. */
function isTrusted(url: string | undefined): boolean {
  if (url === undefined || !URL.canParse(url)) return false;
  const { hostname, protocol } = new URL(url);
  return hostname === '127.0.0.1' || (protocol === 'https:' && hostname.endsWith('.dynatrace.com'));
}

/** Writes the file. */
export const writeDecided = (decided: Decided): void => writeFileSync(path(), jsonText(decided));

/** Deletes the file, when nothing is left of the setup. */
export const forgetDecided = (): void => rmSync(path(), { force: true });

/** Options that the file can fill in, and those that say which setup is meant. */
type Fillable = {
  readonly region?: string;
  readonly stack?: string;
  readonly stream?: string;
  readonly streamStack?: string;
  readonly function?: string;
  readonly dynatrace?: string;
  readonly logGroup?: readonly string[];
  readonly tokenFile?: string;
  readonly without?: readonly string[];
};

/**
 * The options, with what `setup` decided in place of those that are missing. An option of another region, or of another
 * stream or function, says that another setup is meant: then nothing is filled in.
 */
export function withDecided<T extends Fillable>(options: T, takes: readonly (keyof Fillable)[]): T {
  const isNamed = [options.stream, options.streamStack, options.stack, options.function].some(
    (one) => one !== undefined,
  );
  const decided = isNamed ? undefined : readDecided();
  // Commands that are printed name the Region of the setup, where it has one.
  if (decided === undefined || (options.region ?? decided.region) !== decided.region) return options;
  const { region, stack, stream, logGroup, without } = decided;
  // Without a token Dynatrace cannot be asked, and the rest of the checks is still of use.
  const canAsk = (process.env.DT_TOKEN ?? '') !== '' || options.tokenFile !== undefined;
  const dynatrace = canAsk ? decided.dynatrace : undefined;
  const known = Object.entries({ region, stack, stream, logGroup, without, dynatrace }).filter(
    ([name, value]) => value !== undefined && takes.includes(name as keyof Fillable),
  );
  if (known.length === 0) return options;
  progress(`from ${path()}: ${known.map(([name, value]) => `${name} ${value}`).join(', ')}`);
  return { ...Object.fromEntries(known), ...options };
}
