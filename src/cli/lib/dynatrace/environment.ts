// The addresses of a Dynatrace environment, and the token that opens them.
// https://docs.dynatrace.com/docs/dynatrace-api/basics/dynatrace-api-authentication
import { closeSync, openSync, readSync } from 'node:fs';
import { EXIT, fail } from '../../terminal.ts';
import { unreadable } from '../io/input-file.ts';

/** Addresses of an environment, without a final slash. */
export type Environment = {
  /** `https://abc12345.live.dynatrace.com`, Managed `https://dynatrace.example.com/e/<environment id>`. */
  readonly classic: string;
  /** `https://abc12345.apps.dynatrace.com`; undefined for Managed, which has no platform. */
  readonly platform: string | undefined;
};

/** A classic API token (`dt0c01.`), or a platform token or OAuth access token. The secret is sent and never printed. */
export type Token = { readonly kind: 'classic' | 'platform'; readonly secret: string };

/** The secret of an OAuth client (`dt0s02.`), for which there is an access token. */
export type ClientSecret = { readonly kind: 'client'; readonly secret: string };

const HELP =
  'name it as https://<environment>.apps.dynatrace.com or https://<environment>.live.dynatrace.com';

const LOOPBACK: ReadonlySet<string> = new Set(['127.0.0.1', '[::1]', 'localhost']);

/** Whether nobody can read along: by TLS, or because the traffic stays on this machine. */
export const isProtected = ({ protocol, hostname }: URL): boolean =>
  protocol === 'https:' || (protocol === 'http:' && LOOPBACK.has(hostname));

/** Parses the address of an environment, in either form; both follow from one. Throws a usage error. */
export function parseEnvironment(text: string): Environment {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) throw fail('this is not the address of an environment', HELP, EXIT.usage);
  if (!isProtected(url)) throw fail(`the address of an environment begins with https://`, HELP, EXIT.usage);
  if (url.username !== '' || url.password !== '')
    throw fail('the address holds a user name or password', 'the token comes from DT_TOKEN', EXIT.usage);
  const [, name, realm] = /^([a-z0-9-]+)\.(live|apps)\.dynatrace\.com$/.exec(url.hostname) ?? [];
  if (name !== undefined && realm !== undefined)
    return {
      classic: `https://${name}.live.dynatrace.com`,
      platform: `https://${name}.apps.dynatrace.com`,
    };
  // Managed serves each environment below a path of its own.
  const managed = /^\/e\/[A-Za-z0-9-]+(?=\/|$)/.exec(url.pathname)?.[0];
  return managed === undefined
    ? { classic: url.origin, platform: url.origin }
    : { classic: url.origin + managed, platform: undefined };
}

/** Options of commands that call Dynatrace. */
export type TokenOptions = { readonly tokenFile?: string };

/** OAuth access tokens have about 2 kB. */
const MAX_TOKEN_BYTES = 16_384;

/**
 * The token of `--token-file`, otherwise of DT_TOKEN. Never an argument: the process list and the shell's history show
 * those. Throws a usage error if there is none.
 */
export function readToken({ tokenFile }: TokenOptions): Token | ClientSecret {
  const secret = (tokenFile === undefined ? (process.env.DT_TOKEN ?? '') : beginningOf(tokenFile)).trim();
  if (secret === '')
    throw fail(
      tokenFile === undefined ? 'there is no token: DT_TOKEN is not set' : 'the token file is empty',
      'set DT_TOKEN, or name a file with --token-file <path>',
      EXIT.usage,
    );
  if (!/^[\x21-\x7e]+$/.test(secret) || secret.length > MAX_TOKEN_BYTES)
    throw fail('the token is not one line of letters, digits and dots', undefined, EXIT.usage);
  if (secret.startsWith('dt0s02.')) return { kind: 'client', secret };
  // Classic tokens begin with dt0c; those from before 2021 have no prefix. Access tokens are JSON Web Tokens.
  return { kind: /^(dt0s|eyJ)/.test(secret) ? 'platform' : 'classic', secret };
}

/** The beginning of a file, one byte more than a token may have: the file may be any, or a device without end. */
function beginningOf(path: string): string {
  try {
    const file = openSync(path, 'r');
    try {
      const bytes = Buffer.alloc(MAX_TOKEN_BYTES + 1);
      return bytes.toString('utf8', 0, readSync(file, bytes));
    } finally {
      closeSync(file);
    }
  } catch (error) {
    throw unreadable(path, error as NodeJS.ErrnoException);
  }
}
