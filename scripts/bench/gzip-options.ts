// Whether another use of zlib compresses the output better or faster: time and size of the output of each shape.
import { constants, deflateRawSync, type ZlibOptions } from 'node:zlib';
import { progress, table } from '../../src/cli/terminal.ts';
import { createBatch, SHAPES } from './batches.ts';
import { inflated } from './rivals.ts';
import type { Findings } from './section.ts';
import { createBenchTransform, fixed, MB, medianCpuMs, RECOMMENDED_GZIP_BYTES } from './setup.ts';

const ROUNDS = 5;

const { Z_FILTERED, Z_RLE, Z_HUFFMAN_ONLY, Z_FIXED } = constants;

/** The first is what the floor uses. */
const OPTIONS: Readonly<Record<string, ZlibOptions>> = {
  'level 1': { level: 1 },
  'level 2': { level: 2 },
  'level 3': { level: 3 },
  'level 4': { level: 4 },
  'level 6': { level: 6 },
  'level 9': { level: 9 },
  'level 1, memLevel 9': { level: 1, memLevel: 9 },
  'level 3, memLevel 9': { level: 3, memLevel: 9 },
  'level 3, memLevel 7': { level: 3, memLevel: 7 },
  'level 3, window of 16 kB': { level: 3, windowBits: 14 },
  'level 3, window of 8 kB': { level: 3, windowBits: 13 },
  'level 1, filtered': { level: 1, strategy: Z_FILTERED },
  'level 3, filtered': { level: 3, strategy: Z_FILTERED },
  'level 1, fixed codes': { level: 1, strategy: Z_FIXED },
  'run-length only': { level: 1, strategy: Z_RLE },
  'Huffman only': { level: 1, strategy: Z_HUFFMAN_ONLY },
};

type Row = { readonly options: string; readonly cpuMs: number; readonly ratio: number };

/** Measures each use of zlib on the same output of all shapes. */
export async function measureGzipOptions(): Promise<Findings> {
  const { transform } = createBenchTransform();
  const texts: Buffer[] = [];
  for (const shape of SHAPES) {
    const { response } = await transform(createBatch(shape, RECOMMENDED_GZIP_BYTES).event);
    texts.push(...inflated(response.records.map(({ data }) => data ?? '')));
  }
  const plainBytes = texts.reduce((sum, { length }) => sum + length, 0);
  const rows: Row[] = [];
  for (const [options, zlib] of Object.entries(OPTIONS)) {
    progress(`gzip: ${options}`);
    const compress = (text: Buffer): number =>
      deflateRawSync(text, { ...zlib, chunkSize: Math.max(1024, text.length >> 2) }).length;
    const packedBytes = texts.reduce((sum, text) => sum + compress(text), 0);
    const cpuMs = await medianCpuMs(ROUNDS, () => texts.map(compress));
    rows.push({ options, cpuMs, ratio: plainBytes / packedBytes });
  }
  const first = rows[0]?.cpuMs ?? Number.NaN;
  const text = table(
    [`zlib, ${fixed(plainBytes / MB, 0)} MB of output`, 'CPU ms', 'x level 1', 'ratio'],
    rows.map(({ options, cpuMs, ratio }) => [
      options,
      fixed(cpuMs, 0),
      fixed(cpuMs / first),
      fixed(ratio, 1),
    ]),
  );
  return { figures: rows, text, verdicts: [] };
}
