// Faults as short text: for metrics and logs, free of secrets.

/** `ECONNREFUSED: connect ECONNREFUSED 127.0.0.1:443`; at most 300 characters. */
export function describeError(error: unknown): string {
  // Never `instanceof Error`: errors of Node's core come from another realm inside Jest.
  if (typeof error !== 'object' || error === null) return String(error).slice(0, 300);
  const { code, name, message } = error as { code?: unknown; name?: unknown; message?: unknown };
  const kind = typeof code === 'string' ? code : typeof name === 'string' ? name : 'Error';
  const text = typeof message === 'string' ? message.replaceAll(/\s+/g, ' ') : '';
  return (text === '' || text.startsWith(kind) ? text || kind : `${kind}: ${text}`).slice(0, 300);
}
