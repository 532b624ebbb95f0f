// Errors as short text for metrics and logs.
import { redact } from './redact.ts';

/** Longer messages are cut before they are read; more than `redact` reads, so that it sees that there is more. */
const MAX_READ_CHARS = 5000;

/**
 * Code or class of an error and its message, at most 300 characters: `ECONNREFUSED: connect failed`. Names and messages
 * may come from a service, so secrets are removed: what looks like one, and pieces of `secrets`. Causes are not printed.
 */
export function describeError(error: unknown, secrets: readonly string[] = []): string {
  return redact(plainText(error), secrets).slice(0, 300);
}

function plainText(error: unknown): string {
  // Not `instanceof Error`: inside Jest, errors of Node's core belong to another realm.
  if (typeof error !== 'object' || error === null) return String(error);
  const { code, name, message } = error as { code?: unknown; name?: unknown; message?: unknown };
  const kind = typeof code === 'string' ? code : typeof name === 'string' ? name : 'Error';
  const text = typeof message === 'string' ? message.slice(0, MAX_READ_CHARS).replaceAll(/\s+/g, ' ') : '';
  return text === '' || text.startsWith(kind) ? text || kind : `${kind}: ${text}`;
}
