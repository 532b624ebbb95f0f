import { createHash } from 'node:crypto';

const DIGITS = 56;

/**
 * An id for a line that has none, with as many digits as those of CloudWatch Logs. The same line of the same Firehose
 * record always has the same id, so that a retried batch gives the same bytes.
 */
export function idOfLine(recordId: string, index: number): string {
  const hash = createHash('sha256').update(`${recordId}/${index}`, 'utf8').digest('hex');
  return (BigInt(`0x${hash}`) % 10n ** BigInt(DIGITS)).toString().padStart(DIGITS, '0');
}
