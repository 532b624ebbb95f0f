import type { EncodedText, EscapeLevel } from '../../src/core/model/encoded-text.ts';
import { createByteWriter } from '../../src/core/util/byte-writer.ts';

/** The text as it was logged, by way of its form at an escape level. */
export function decoded(text: EncodedText, level: EscapeLevel = 1): string {
  const out = createByteWriter();
  text.appendTo(out, level);
  let plain = out.bytes().toString('latin1');
  for (let i = 0; i < level; i++) plain = JSON.parse(`"${plain}"`) as string;
  return plain;
}
