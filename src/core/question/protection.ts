import type { DnsEvent } from '../model/dns-event.ts';
import type { Signal } from '../model/signal.ts';
import { logLevelOf } from './log-level.ts';

/**
 * Whether an event is never dropped, sampled or merged: it has a signal, is an error,
 * holds lines that are nowhere else, or is above INFO.
 */
export const isProtected = (event: DnsEvent, signals: readonly Signal[]): boolean =>
  signals.length > 0 || event.isError || event.isFirstOfSeveral || logLevelOf(event) !== 'INFO';
