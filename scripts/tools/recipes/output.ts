import type { Recipe } from './recipe.ts';

const WRITER = `import type { ByteWriter } from '../util/byte-writer.ts';
import type { EnvelopeWriter } from './output.ts';

/** Creates a writer that keeps normalised records alone, each ended by a record separator (RFC 7464). */
export function createExampleWriter(out: ByteWriter): EnvelopeWriter {
  return {
    begin: () => out.clear(),
    keep: () => undefined,
    drop: () => undefined,
    beginRecord: () => undefined,
    endRecord: () => out.addText('\\x1e'),
    end: () => undefined,
  };
}
`;

const TEST = `import { expect, it } from '@jest/globals';
import { createExampleWriter } from '../../../src/core/outputs/example.ts';
import { createByteWriter } from '../../../src/core/util/byte-writer.ts';

it('separates records', () => {
  const out = createByteWriter();
  const writer = createExampleWriter(out);
  for (const index of [0, 1]) {
    writer.keep(index);
    writer.beginRecord(index);
    out.addText('{}');
    writer.endRecord(index);
  }
  writer.end();
  expect(out.bytes().toString()).toBe('{}\\x1e{}\\x1e');
});
`;

/** A form in which records leave the function. */
export const OUTPUT: Recipe = {
  name: 'output',
  title: 'an output format',
  maxFiles: 6,
  steps: [
    {
      file: 'src/core/model/settings.ts',
      what: 'its name in `OUTPUT_FORMATS`',
      change: { after: "export const OUTPUT_FORMATS = ['cloudwatch-logs', 'ndjson'", insert: ", 'example'" },
    },
    {
      file: 'src/core/outputs/example.ts',
      what: 'an `EnvelopeWriter` (`src/core/outputs/output.ts`)',
      change: { create: WRITER },
    },
    {
      file: 'src/core/outputs/index.ts',
      what: 'a row of `OUTPUTS`; the compiler reports a missing one',
      change: {
        after:
          '  ndjson: { escapeLevel: 1, namesLogStream: true, rewritesAll: true, createWriter: createNdjsonWriter },\n',
        insert:
          '  example: { escapeLevel: 1, namesLogStream: true, rewritesAll: true, createWriter: createExampleWriter },\n',
      },
    },
    {
      file: 'src/core/outputs/index.ts',
      what: 'the import',
      change: {
        after: "import { createEnvelopeWriter } from './cloudwatch-logs.ts';\n",
        insert: "import { createExampleWriter } from './example.ts';\n",
      },
    },
    {
      file: 'template.yaml',
      what: 'the allowed value',
      change: { after: '    AllowedValues: [cloudwatch-logs, ndjson', insert: ', example' },
    },
    {
      file: 'docs/settings.md',
      what: 'the value in its row',
      change: {
        after: "`ndjson` = one record per line, for S3 or an endpoint that speaks Firehose's protocol",
        insert: '; `example` = a dummy',
      },
    },
    {
      file: 'test/core/outputs/example.test.ts',
      what: 'a test',
      change: { create: TEST },
    },
  ],
  golden: [],
  changesAllGolden: false,
  tests: ['test/core/outputs', 'test/template', 'test/readme/tables', 'test/lambda/config'],
};
