// The CoreDNS binaries that `npm run test:coredns` built or found.

/** One CoreDNS. */
export type Binary = { readonly version: string; readonly path: string };

/** All of them, newest first. */
export const BINARIES: readonly Binary[] = JSON.parse(process.env.COREDNS_BINARIES ?? '[]');

/** Whether the complete suite runs, not its short form for `.ci/run`. */
export const FULL = process.env.COREDNS_FULL === '1';
