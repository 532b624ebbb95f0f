import type { ByteWriter } from '../util/byte-writer.ts';
import type { EventsWriter } from './output.ts';

/** Writes the lines of a record without an envelope. */
export interface TextLinesWriter extends EventsWriter {
  begin(lines: readonly string[]): void;
}

/**
 * Creates the writer that gives the same lines back in the same order, without those that are dropped. A carriage return
 * stays with its line.
 */
export function createTextLinesWriter(out: ByteWriter): TextLinesWriter {
  let lines: readonly string[] = [];
  let separator = '';
  const separate = (): void => {
    out.addText(separator);
    separator = '\n';
  };
  return {
    begin: (next) => {
      lines = next;
      separator = '';
      out.clear();
    },
    keep: (index) => {
      separate();
      out.addText(lines[index] ?? '');
    },
    beginRecord: separate,
    endRecord: (index) => {
      if (lines[index]?.endsWith('\r')) out.addText('\r');
    },
    drop: () => undefined,
    end: () => undefined,
  };
}
