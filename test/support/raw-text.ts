import type { RawText } from '../../src/model/raw-text.ts';

/** The text as it was logged. */
export const decoded = ({ bytes, start, end }: RawText): string =>
  bytes.toString('latin1', start, end).replaceAll('\\', '');
