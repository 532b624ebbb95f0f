import { type JsonRecord, readResponse, recordsIn } from '../../../src/cli/lib/io/firehose-response.ts';
import { toFirehoseEvent } from '../../../src/cli/lib/logs/index.ts';
import { createTransform } from '../../../src/core/index.ts';
import { NO_BATCH_LIMITS } from '../../../src/core/model/batch-limits.ts';
import { compileFormat } from '../../../src/core/sources/coredns/format.ts';
import { createDirectorySource } from '../../../src/inventory/index.ts';
import { loadConfiguration } from '../../../src/lambda/config.ts';

/** The records of lines in a CoreDNS log group, with these FORMATs as the setting `COREDNS_LOG_FORMAT`. */
export async function recordsOf(
  lines: readonly string[],
  formats: readonly string[],
): Promise<readonly JsonRecord[]> {
  const configuration = loadConfiguration(compileFormat, { COREDNS_LOG_FORMAT: formats.join('\n') });
  if (!configuration.ok) throw new Error(configuration.faults.join('; '));
  const { settings } = configuration;
  const transform = createTransform(
    { ...settings, outputFormat: 'cloudwatch-logs', responseBudgetBytes: Number.POSITIVE_INFINITY },
    {
      directory: createDirectorySource(settings),
      now: Date.now,
      recordFailed: () => undefined,
      // All lines are one Firehose record, larger than a real one.
      limits: NO_BATCH_LIMITS,
    },
  );
  const event = toFirehoseEvent(lines.join('\n'), {
    logGroup: '/aws/eks/suite/coredns',
    logStream: 'coredns',
    region: 'eu-west-1',
    owner: '111122223333',
    timeMs: Date.now(),
    arrivalMs: Date.now(),
  });
  const { response } = await transform(event);
  return recordsIn(readResponse(event, response));
}
