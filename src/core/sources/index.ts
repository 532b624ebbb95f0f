import type { LogSource } from '../model/ports.ts';
import type { Settings } from '../model/settings.ts';
import { createCoreDnsSource } from './coredns/index.ts';
import { createPublicZoneSource, createResolverSource } from './route53-resolver/index.ts';

/**
 * Every DNS log format, in the order in which a line is offered to them: the quickest to refuse first. A new source is
 * one line here.
 */
export const createSources = (settings: Settings): readonly LogSource[] => [
  createResolverSource(),
  createCoreDnsSource(settings),
  createPublicZoneSource(),
];
