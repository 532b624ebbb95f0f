// Reads JSON documents as they arrive and keeps only the members of a shape: a page of pods of any size costs the memory
// of one chunk and one reduced object. Skipped bytes are scanned for quotes and brackets only; what is kept goes through
// `JSON.parse`. https://www.rfc-editor.org/rfc/rfc8259

import { DocumentTooLarge } from './document-too-large.ts';
import {
  BACKSLASH,
  CLOSE_ARRAY,
  CLOSE_OBJECT,
  COLON,
  COMMA,
  Kind,
  kindOf,
  OPEN_ARRAY,
  OPEN_OBJECT,
  QUOTE,
  skipSpace,
} from './json-bytes.ts';
import { type Shape, WHOLE } from './shape.ts';

/** Limit for one kept value, list or record, in bytes of JSON; a larger one becomes null. */
const MAX_VALUE_BYTES = 64 * 1024;

/** Longer names are not kept; those of annotations have at most 317 characters. */
const MAX_NAME_CHARS = 400;

/** Deeper documents are refused; pods are read to a depth of 6. */
const MAX_DEPTH = 32;

/** What a projection reads, and where it delivers it. */
export type ProjectionOptions = {
  readonly shape: Shape;
  /** Limit for one document before the projection, in bytes. */
  readonly maxBytes: number;
  /** Receives each reduced document; false: read no further. */
  readonly onDocument: (document: unknown) => boolean;
  /** Receives each element of a shape of kind `items`. */
  readonly onItem?: (item: unknown) => void;
};

/** Receives bytes of one or more JSON documents. */
export type Projection = {
  /** Returns false when `onDocument` did. Throws for what is not JSON, and `DocumentTooLarge`. */
  readonly write: (chunk: Buffer) => boolean;
  /** Throws when the bytes ended within a document. */
  readonly end: () => void;
};

/** An object or array that is open in the output. */
type Frame = { readonly shape: Shape; readonly isArray: boolean; hasMembers: boolean };

/** `name`: within one; `colon`: behind it; `scan`: within a value that is copied or skipped as a whole. */
type Mode = 'between' | 'name' | 'colon' | 'value' | 'scan';

const NULL = Buffer.from('null');
const NONE = -1;

/** A projection that is ready for its first document. */
export function createProjection({ shape, maxBytes, onDocument, onItem }: ProjectionOptions): Projection {
  const frames: Frame[] = [];
  let mode = 'between' as Mode;
  let out = Buffer.allocUnsafe(4096);
  let outLength = 0;
  /** Where the item that is being read starts in `out`. */
  let itemStart = 0;
  let name = '';
  /** Of the value in `Scan`: open brackets, whether within a string, whether that ends with half an escape. */
  let depth = 0;
  let inString = false;
  let isEscaped = false;
  let isKept = false;
  /** The limited value in `out`: its start, and the number of frames around it. */
  let limitedFrom = NONE;
  let limitedFrames = 0;
  let documentBytes = 0;
  let isWanted = true;

  const reserve = (bytes: number): void => {
    if (outLength + bytes <= out.length) return;
    const larger = Buffer.allocUnsafe(Math.max(outLength + bytes, 2 * out.length));
    out.copy(larger, 0, 0, outLength);
    out = larger;
  };
  const append = (bytes: Buffer, from: number, to: number): void => {
    reserve(to - from);
    outLength += bytes.copy(out, outLength, from, to);
  };
  const appendByte = (byte: number): void => {
    reserve(1);
    out[outLength++] = byte;
  };
  const appendName = (): void => {
    reserve(name.length + 3);
    out[outLength++] = QUOTE;
    outLength += out.write(name, outLength, 'latin1');
    out[outLength++] = QUOTE;
    out[outLength++] = COLON;
  };

  /** The shape of the elements or of the member `name` of the innermost frame; undefined: skip. */
  const shapeOfNext = (frame: Frame | undefined): Shape | undefined => {
    if (frame === undefined) return shape;
    if (frame.isArray) return frame.shape.kind === 'items' ? frame.shape.each : frame.shape;
    if (name.length > MAX_NAME_CHARS) return undefined;
    if (frame.shape.kind === 'members') return frame.shape.members.get(name);
    return frame.shape.kind === 'record' && frame.shape.keeps(name) ? WHOLE : undefined;
  };

  /** Starts the value whose first byte is `c`; returns whether that byte has been read. */
  const beginValue = (c: number): boolean => {
    if (c === COMMA || c === COLON || c === CLOSE_ARRAY || c === CLOSE_OBJECT) {
      throw new SyntaxError('JSON has no value where one is expected');
    }
    const frame = frames.at(-1);
    const valueShape = shapeOfNext(frame);
    depth = 0;
    isKept = valueShape !== undefined;
    mode = 'scan';
    if (valueShape === undefined) return false;
    if (frame?.shape.kind === 'items') itemStart = outLength;
    else if (frame !== undefined) {
      if (frame.hasMembers) appendByte(COMMA);
      frame.hasMembers = true;
    }
    if (frame?.isArray === false) appendName();
    const isArray = c === OPEN_ARRAY;
    const isItems = isArray && valueShape.kind === 'items';
    const hasMembers = c === OPEN_OBJECT && (valueShape.kind === 'members' || valueShape.kind === 'record');
    const isNested = hasMembers || (isArray && valueShape.kind !== 'whole');
    if (limitedFrom === NONE && !isItems) {
      if (isArray || !isNested || valueShape.kind === 'record') {
        limitedFrom = outLength;
        limitedFrames = frames.length;
      }
    }
    if (!isNested) return false;
    if (frames.length === MAX_DEPTH) throw new SyntaxError('JSON is nested too deeply');
    frames.push({ shape: valueShape, isArray, hasMembers: false });
    appendByte(c);
    mode = 'between';
    return true;
  };

  /** Gives up the limited value: from here on it is skipped. */
  const dropLimited = (): void => {
    outLength = limitedFrom;
    depth = (mode === 'scan' ? depth : 0) + frames.length - limitedFrames;
    frames.length = limitedFrames;
    isKept = false;
    mode = 'scan';
    append(NULL, 0, NULL.length);
    limitedFrom = NONE;
  };

  const endValue = (): void => {
    mode = 'between';
    if (limitedFrom !== NONE && frames.length === limitedFrames) {
      if (outLength - limitedFrom > MAX_VALUE_BYTES) dropLimited();
      mode = 'between';
      limitedFrom = NONE;
    }
    const frame = frames.at(-1);
    if (frame === undefined) {
      documentBytes = 0;
      const document: unknown = JSON.parse(out.toString('utf8', 0, outLength));
      outLength = 0;
      isWanted = onDocument(document);
    } else if (frame.shape.kind === 'items') {
      const item: unknown = JSON.parse(out.toString('utf8', itemStart, outLength));
      outLength = itemStart;
      onItem?.(item);
    }
  };

  /** Position of the quote that ends the string at or after `from`; -1 when it is not in this chunk. */
  const stringEnd = (chunk: Buffer, from: number): number => {
    let i = isEscaped ? from + 1 : from;
    isEscaped = false;
    while (i < chunk.length) {
      // Most strings are short; a search pays for long ones only.
      for (const near = Math.min(chunk.length, i + 64); i < near; i += 1) {
        const c = chunk[i];
        if (c === QUOTE) return i;
        if (c === BACKSLASH) i += 1;
      }
      if (i >= chunk.length) break;
      const quote = chunk.indexOf(QUOTE, i);
      const end = quote < 0 ? chunk.length : quote;
      let backslashes = 0;
      while (end - backslashes > i && chunk[end - 1 - backslashes] === BACKSLASH) backslashes += 1;
      isEscaped = backslashes % 2 === 1;
      if (quote < 0) return -1;
      if (!isEscaped) return quote;
      isEscaped = false;
      i = quote + 1;
    }
    // The last byte may be a backslash whose escape goes on in the next chunk.
    isEscaped = i > chunk.length;
    return -1;
  };

  /** Reads on within a value; returns the position behind it or behind the chunk. */
  const scan = (chunk: Buffer, from: number): number => {
    // Local copies, because every byte passes this loop.
    let open = depth;
    let i = from;
    let hasEnded = false;
    while (i < chunk.length && !hasEnded) {
      if (inString) {
        const end = stringEnd(chunk, i);
        inString = end < 0;
        i = inString ? chunk.length : end + 1;
        hasEnded = !inString && open === 0;
        continue;
      }
      const kind = kindOf(chunk[i] ?? 0);
      if (kind === Kind.other || (kind === Kind.delimiter && open > 0)) i += 1;
      else if (kind === Kind.quote) {
        inString = true;
        i += 1;
      } else if (kind === Kind.open) {
        open += 1;
        i += 1;
      } else if (open === 0) {
        // The byte behind a number, `true`, `false` or `null` is not part of it.
        hasEnded = true;
      } else {
        open -= 1;
        i += 1;
        hasEnded = open === 0;
      }
    }
    depth = open;
    if (isKept) append(chunk, from, i);
    if (hasEnded) endValue();
    return i;
  };

  const readName = (chunk: Buffer, from: number): number => {
    const end = stringEnd(chunk, from);
    const to = end < 0 ? chunk.length : end;
    // One character more than the limit, so that a longer name is recognised.
    if (name.length <= MAX_NAME_CHARS) {
      name += chunk.toString('latin1', from, Math.min(to, from + MAX_NAME_CHARS + 1));
    }
    if (end < 0) return to;
    mode = 'colon';
    return end + 1;
  };

  /** Reads the byte `c` between values; returns whether it has been read. */
  const between = (c: number): boolean => {
    const frame = frames.at(-1);
    if (c === COMMA && frame !== undefined) return true;
    if (frame === undefined) return beginValue(c);
    if (c === (frame.isArray ? CLOSE_ARRAY : CLOSE_OBJECT)) {
      appendByte(c);
      frames.pop();
      endValue();
      return true;
    }
    if (frame.isArray) return beginValue(c);
    if (c !== QUOTE) throw new SyntaxError('JSON has no name where a member begins');
    name = '';
    mode = 'name';
    return true;
  };

  const step = (chunk: Buffer, i: number): number => {
    if (mode === 'scan') return scan(chunk, i);
    if (mode === 'name') return readName(chunk, i);
    const next = skipSpace(chunk, i);
    if (next > i) return next;
    const c = chunk[i] ?? 0;
    if (mode === 'between') return between(c) ? i + 1 : i;
    if (mode === 'value') return beginValue(c) ? i + 1 : i;
    if (c !== COLON) throw new SyntaxError('JSON has no colon behind a name');
    mode = 'value';
    return i + 1;
  };

  return {
    write: (chunk) => {
      for (let i = 0; i < chunk.length; ) {
        const from = i;
        i = step(chunk, i);
        documentBytes += i - from;
        if (!isWanted) return false;
        if (documentBytes > maxBytes) throw new DocumentTooLarge(`more than ${maxBytes} bytes`);
        if (limitedFrom !== NONE && outLength - limitedFrom > MAX_VALUE_BYTES) dropLimited();
      }
      return true;
    },
    end: () => {
      // A number as a whole document ends with the bytes.
      if (mode === 'scan' && depth === 0 && !inString && frames.length === 0) endValue();
      if (mode !== 'between' || frames.length > 0) throw new SyntaxError('JSON ends within a document');
    },
  };
}
