import type { OutputFormat } from '../model/settings.ts';
import { createEnvelopeWriter } from './cloudwatch-logs.ts';
import { createNdjsonWriter } from './ndjson.ts';
import type { Output } from './output.ts';

/** Every output by its name. */
export const OUTPUTS: Readonly<Record<OutputFormat, Output>> = {
  'cloudwatch-logs': {
    escapeLevel: 2,
    namesLogStream: false,
    rewritesAll: false,
    createWriter: createEnvelopeWriter,
  },
  ndjson: { escapeLevel: 1, namesLogStream: true, rewritesAll: true, createWriter: createNdjsonWriter },
};
