import type { LogSourceName } from '../model/log-sources.ts';
import type { LogSource } from '../model/ports.ts';
import type { Settings } from '../model/settings.ts';
import { createCoreDnsSource } from './coredns/index.ts';
import { createOcsfSource } from './route53-ocsf/index.ts';
import { createResolverSource } from './route53-resolver/index.ts';
import { createPublicZoneSource } from './route53-zone/index.ts';

/** The parser of each of `LOG_SOURCES`, in the order in which they are tried: the fastest prefilter first. */
const PARSERS: Readonly<Record<LogSourceName, (settings: Settings) => LogSource>> = {
  'aws.vpcdnsquerylogs': createResolverSource,
  coredns: createCoreDnsSource,
  'aws.route53.public': createPublicZoneSource,
  'aws.route53.ocsf': createOcsfSource,
};

/** Creates all parsers. */
export const createSources = (settings: Settings): readonly LogSource[] =>
  Object.values(PARSERS).map((create) => create(settings));
