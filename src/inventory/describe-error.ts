// Errors as short text for metrics and logs.

/** Code or class of an error and its message, at most 300 characters: `ECONNREFUSED: connect failed`. */
export function describeError(error: unknown): string {
  // Not `instanceof Error`: inside Jest, errors of Node's core belong to another realm.
  if (typeof error !== 'object' || error === null) return String(error).slice(0, 300);
  const { code, name, message } = error as { code?: unknown; name?: unknown; message?: unknown };
  const kind = typeof code === 'string' ? code : typeof name === 'string' ? name : 'Error';
  const text = typeof message === 'string' ? message.replaceAll(/\s+/g, ' ') : '';
  return (text === '' || text.startsWith(kind) ? text || kind : `${kind}: ${text}`).slice(0, 300);
}
