import type { DnsEvent } from '../../src/core/model/dns-event.ts';
import type { LogSource } from '../../src/core/model/ports.ts';
import { createCoreDnsSource } from '../../src/core/sources/coredns/index.ts';
import { createUnwrapper } from '../../src/core/wrapper/index.ts';

type Options = {
  readonly formats?: readonly string[];
  readonly containers?: readonly string[];
  readonly logStream?: string;
};

/** The time that CloudWatch gives every line below. */
export const CLOUDWATCH_MS = Date.UTC(2024, 0, 2, 3, 4, 5);

const sources = new Map<string, LogSource>();

/** One source for each configuration, as in the function; compiling a FORMAT takes longer than reading many lines. */
function sourceOf(formats: readonly string[], containers: readonly string[]): LogSource {
  const key = JSON.stringify([formats, containers]);
  const known = sources.get(key);
  if (known !== undefined) return known;
  const source = createCoreDnsSource({ corednsLogFormats: formats, corednsContainers: containers });
  sources.set(key, source);
  return source;
}

/** A message through unwrapper and source, as the pipeline calls them. */
export function parseCoreDns(message: string, options: Options = {}): DnsEvent | undefined {
  const { formats = [], containers = ['coredns', 'node-cache'], logStream } = options;
  const source = sourceOf(formats, containers);
  if (!source.prefilter(message)) return undefined;
  const line = {
    text: message,
    timestampMs: CLOUDWATCH_MS,
    timeIsArrival: false,
    logStream,
    logGroup: undefined,
  };
  return source.parse(line, createUnwrapper()(line));
}

/** The members of an event that are neither undefined nor the same for every CoreDNS line. */
export function factsOf(event: DnsEvent | undefined): Record<string, unknown> | undefined {
  if (event === undefined) return undefined;
  const {
    source: _s,
    timeMs: _t,
    timeIsCertain: _c,
    content: _l,
    proof: _p,
    printedLevel: _v,
    extra,
    ...rest
  } = event;
  const facts: Record<string, unknown> = Object.fromEntries(
    Object.entries(rest).filter(([, value]) => value !== undefined),
  );
  if (facts.isError === false) delete facts.isError;
  if (facts.isPartial === false) delete facts.isPartial;
  if (facts.isFirstOfSeveral === false) delete facts.isFirstOfSeveral;
  if (facts.responseSeen === true) delete facts.responseSeen;
  return extra.length === 0 ? facts : { ...facts, extra: Object.fromEntries(extra) };
}
