// What the deployed function makes of one log event, as far as its settings tell: without looking anybody up.
import { DEFAULT_SETTINGS, type Settings } from '../../../core/model/settings.ts';
import { compileFormat } from '../../../core/sources/coredns/format.ts';
import { loadConfiguration } from '../../../lambda/config.ts';
import { arnParts } from '../aws/arn.ts';
import { envelopeJson, firehoseEvent, gzipText } from '../io/firehose-event.ts';
import type { JsonRecord } from '../io/firehose-response.ts';
import { pipelineWith } from '../records/pipeline.ts';
import type { DnsFunction } from '../stream/function.ts';
import type { LogEvent } from './log-events.ts';

/** The settings of the function; the defaults where there is none, or where they are invalid. */
export function settingsOf(dnsFunction: DnsFunction | undefined): Settings {
  const configuration = loadConfiguration(compileFormat, dnsFunction?.variables ?? {});
  return configuration.ok ? configuration.settings : DEFAULT_SETTINGS;
}

/** Reads events with the settings that decide what is a line of DNS; undefined for any other line. */
export function recordReader(
  dnsFunction: DnsFunction | undefined,
): (event: LogEvent) => Promise<JsonRecord | undefined> {
  const settings = settingsOf(dnsFunction);
  const { corednsLogFormats, corednsContainers, corednsNamespace } = settings;
  const { corednsLogGroups, resolverLogGroups } = settings;
  const pipeline = pipelineWith({
    ...DEFAULT_SETTINGS,
    ec2Lookup: false,
    corednsLogFormats,
    corednsContainers,
    corednsNamespace,
    corednsLogGroups,
    resolverLogGroups,
  });
  const { accountId: owner, region } = arnParts(dnsFunction?.arn ?? '');
  return async ({ logGroup, logStream, timeMs, message }) => {
    const events = [{ timeMs, message }];
    const envelope = envelopeJson({ owner, logGroup, logStream, messageType: 'DATA_MESSAGE', events });
    const { records } = await pipeline.run(
      firehoseEvent([gzipText(envelope)], { arrivalMs: timeMs, region, kinesis: false }),
    );
    return records[0];
  };
}
