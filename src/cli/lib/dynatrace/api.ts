// Calls of Dynatrace's APIs: authorisation, time limit, bounded responses, and errors as plain sentences.
import { setTimeout as sleep } from 'node:timers/promises';
import { redact } from '../../../inventory/redact.ts';
import { fail, isUserError, progress } from '../../terminal.ts';
import { parseJson } from '../io/json.ts';
import type { Environment, Token } from './environment.ts';
import { plain } from './plain.ts';

/** An environment that is called with a token. */
export type Session = { readonly environment: Environment; readonly token: Token };

/** One call. */
export type Call = {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** URL without the query. */
  readonly url: string;
  readonly query?: Readonly<Record<string, string>>;
  /** Body as JSON. */
  readonly json?: unknown;
  /** Body as multipart/form-data. */
  readonly form?: FormData;
  /** What the call does, for errors: `read settings`. */
  readonly does: string;
  /** Scope that the token needs for it: `settings.read`. */
  readonly scope: string;
  /** Statuses other than 2xx that the caller handles. */
  readonly allowed?: readonly number[];
};

/** Status and JSON body of a response; undefined if it has no JSON body. */
export type Answer = { readonly status: number; readonly body: unknown };

/** Time for one call, with its body. */
const TIMEOUT_MS = 30_000;
/** 3,000 routes, the most that an environment may have, with matchers of 4 kB each. */
const MAX_RESPONSE_BYTES = 24 * 1024 * 1024;
/** Attempts of a call that is throttled. */
const ATTEMPTS = 4;
/** The longest `Retry-After` that is waited for. */
const MAX_WAIT_S = 60;

/** Base of the settings API for this kind of token. */
export function settingsUrl({ environment, token }: Session): string {
  return token.kind === 'classic'
    ? `${environment.classic}/api/v2/settings`
    : `${platformUrl({ environment, token })}/platform/classic/environment-api/v2/settings`;
}

/** Base of the platform's services; throws for Managed. */
export function platformUrl({ environment }: Session): string {
  if (environment.platform === undefined)
    throw fail(
      'Managed has no platform, so it takes no platform token',
      'use an API token (dt0c01.) with the scopes settings.read and settings.write',
    );
  return environment.platform;
}

/** Scopes of the settings API by kind of token. */
export const settingsScope = ({ token }: Session, access: 'read' | 'write'): string =>
  token.kind === 'classic' ? `settings.${access}` : `settings:objects:${access}`;

/** Whether an error came from a response with one of these statuses. */
export const hasStatus = (error: unknown, ...statuses: readonly number[]): boolean =>
  isUserError(error) && 'status' in error && statuses.includes(Number(error.status));

/** Makes a call; waits and tries again while Dynatrace throttles. Throws a user error with `status` otherwise. */
export async function send(session: Session, call: Call): Promise<Answer> {
  for (let attempt = 1; ; attempt += 1) {
    const { status, headers, text } = await exchange(session, call);
    const body = parseJson(text);
    if ((status >= 200 && status < 300) || call.allowed?.includes(status)) return { status, body };
    const waitS = retryAfterS(headers);
    const isThrottled = status === 429 || (status === 503 && waitS !== undefined);
    if (!isThrottled || attempt === ATTEMPTS || (waitS ?? 0) > MAX_WAIT_S)
      throw errorOf(session, call, status, body, waitS);
    const pauseS = waitS ?? attempt;
    progress(`Dynatrace is throttling; trying again in ${pauseS} s`);
    await sleep(pauseS * 1000);
  }
}

/** Status, headers and body of a response. */
export type Exchange = { readonly status: number; readonly headers: Headers; readonly text: string };

function exchange({ token: { kind, secret } }: Session, call: Call): Promise<Exchange> {
  const url = new URL(call.url);
  for (const [name, value] of Object.entries(call.query ?? {})) url.searchParams.set(name, value);
  const headers = new Headers({ authorization: `${kind === 'classic' ? 'Api-Token' : 'Bearer'} ${secret}` });
  if (call.json !== undefined) headers.set('content-type', 'application/json');
  const body = call.form ?? (call.json === undefined ? null : JSON.stringify(call.json));
  return boundedFetch(url, { method: call.method, headers, body }, secret);
}

/** One request with a time limit and a bounded response. Throws a user error if the host cannot be reached. */
export async function boundedFetch(url: URL, init: RequestInit, secret: string): Promise<Exchange> {
  refuseUnverified();
  const headers = new Headers(init.headers);
  headers.set('accept', 'application/json');
  headers.set('user-agent', 'eks-dns-firehose');
  try {
    const response = await fetch(url, {
      ...init,
      headers,
      // A redirect would carry the secret to a place that the user did not name.
      redirect: 'manual',
      signal: AbortSignal.timeout(TIMEOUT_MS),
    });
    return { status: response.status, headers: response.headers, text: await boundedText(response) };
  } catch (error) {
    throw unreachable(url, error, secret);
  }
}

/** The body as text; throws if it is larger than any answer of these APIs. */
async function boundedText(response: Response): Promise<string> {
  if (response.body === null) return '';
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  for await (const chunk of response.body) {
    bytes += chunk.byteLength;
    if (bytes > MAX_RESPONSE_BYTES) throw fail('the response is larger than any that Dynatrace sends');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/** Seconds that `Retry-After` asks to wait (a number, or a date); undefined if there is none. */
function retryAfterS(headers: Headers): number | undefined {
  const text = headers.get('retry-after');
  if (text === null) return undefined;
  if (/^\d{1,9}$/.test(text)) return Number(text);
  const date = Date.parse(text);
  return Number.isNaN(date) ? undefined : Math.max(0, Math.ceil((date - Date.now()) / 1000));
}

/** Node's own switch would send the token to whoever answers. */
function refuseUnverified(): void {
  if (process.env.NODE_TLS_REJECT_UNAUTHORIZED === '0')
    throw fail(
      'NODE_TLS_REJECT_UNAUTHORIZED=0 switches off the check of certificates, and the token is a secret',
      'unset it; a CA of your own goes into NODE_EXTRA_CA_CERTS',
    );
}

function unreachable(url: URL, error: unknown, secret: string): Error {
  if (isUserError(error)) return error;
  // Structure instead of `instanceof`: errors of Node's own code may come from another realm.
  const { name, message, cause } = error as { name?: unknown; message?: unknown; cause?: { code?: unknown } };
  if (name === 'TimeoutError')
    return fail(`${url.host} did not answer within ${TIMEOUT_MS / 1000} s`, 'check address and network');
  const reason = plain(redact(String(cause?.code ?? message), [secret]));
  return fail(`${url.host} cannot be reached: ${reason}`, 'check the address of the environment');
}

/** The user error of a response. */
function errorOf(
  session: Session,
  { does, scope }: Call,
  status: number,
  body: unknown,
  waitS: number | undefined,
): Error {
  const { kind } = session.token;
  const said = errorText(session, body);
  const because = said === '' ? '' : `: ${said}`;
  const token = kind === 'classic' ? 'API token' : 'platform token';
  const failed = (message: string, remedy?: string): Error =>
    Object.assign(fail(message, remedy), { status });
  if (status === 401)
    return failed(
      `Dynatrace does not accept the ${token} (401)${because}`,
      'check that it is of this environment and not expired; then set DT_TOKEN again',
    );
  if (status === 403)
    return failed(
      `the ${token} may not ${does} (403)${because}`,
      `it needs the scope ${scope}${kind === 'platform' ? ', and its user a policy that allows it; what somebody else made, only they can change' : ''}`,
    );
  if (status === 409)
    return failed(`somebody else made a change meanwhile (409)${because}`, 'run the command again');
  if (status === 429 || (status === 503 && waitS !== undefined))
    return failed(
      `Dynatrace allows no more calls now (${status})`,
      `run the command again in ${waitS === undefined ? 'a minute' : `${waitS} s`}`,
    );
  if (status >= 500)
    return failed(
      `Dynatrace could not ${does} (${status})${because}`,
      'run the command again: what is done stays done',
    );
  if (status >= 300 && status < 400)
    return failed(`the address answers with a redirect (${status})`, 'check the address of the environment');
  return failed(`Dynatrace refused to ${does} (${status})${because}`);
}

/** The error text of a response, with the constraints that were violated; empty if there is none. */
export function errorText({ token }: Session, body: unknown): string {
  const parts: string[] = [];
  collect(body, parts, 0);
  return plain(redact(parts.join('; '), [token.secret]));
}

/** Members of error bodies that hold text or more errors. */
const NESTED = ['error', 'constraintViolations', 'details'];
const MAX_PARTS = 5;

function collect(value: unknown, parts: string[], depth: number): void {
  if (depth > 6 || parts.length >= MAX_PARTS || typeof value !== 'object' || value === null) return;
  if (Array.isArray(value)) {
    for (const one of value.slice(0, MAX_PARTS)) collect(one, parts, depth + 1);
    return;
  }
  const members = value as Readonly<Record<string, unknown>>;
  if (typeof members.message === 'string') {
    const path = typeof members.path === 'string' ? `${members.path}: ` : '';
    parts.push(`${path}${members.message}`);
  }
  for (const name of NESTED) collect(members[name], parts, depth + 1);
}
