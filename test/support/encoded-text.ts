import type { EncodedText } from '../../src/core/model/encoded-text.ts';
import { createByteWriter } from '../../src/core/util/byte-writer.ts';

/** The text as it was logged. */
export function decoded(text: EncodedText): string {
  const out = createByteWriter();
  text.appendTo(out, 1);
  return JSON.parse(`"${out.bytes().toString('latin1')}"`) as string;
}
