import type { EscapedSlice } from '../../src/core/fast-path/escaped-slice.ts';

/** The text as it was logged. */
export const decoded = ({ bytes, start, end }: EscapedSlice): string =>
  bytes.toString('latin1', start, end).replaceAll('\\', '');
