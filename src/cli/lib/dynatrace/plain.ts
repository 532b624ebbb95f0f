const MAX_CHARS = 300;

/**
 * A text of Dynatrace as one short line for a terminal: without control characters, which could move the cursor or change
 * what was printed before, and without characters that reverse the direction of text.
 */
export const plain = (text: string): string => {
  const clean = text
    .slice(0, 4 * MAX_CHARS)
    .replace(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\p{Cs}]+/gu, ' ')
    .trim();
  return clean.length > MAX_CHARS ? `${clean.slice(0, MAX_CHARS)}...` : clean;
};
