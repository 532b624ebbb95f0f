import { isDeepStrictEqual } from 'node:util';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import type { DnsEvent } from '../../src/core/model/dns-event.ts';
import { createCoreDnsSource } from '../../src/core/sources/coredns/index.ts';
import { createUnwrapper } from '../../src/core/wrapper/index.ts';
import { anyFormat, anyQuery } from '../support/coredns-arbitraries.ts';
import { TIME_LIMIT_MS } from '../support/fuzz.ts';
import {
  expandShort,
  quoteFormat,
  RENDER_COMBINED,
  RENDER_COMMON,
  type RenderQuery,
  renderCoreDns,
  renderFlags,
  renderName,
} from '../support/render-coredns.ts';

/** Lines rendered and read in all; `npm run test:deep` asks for a million. */
const RUNS = Number(process.env.DEEP_RUNS ?? 20_000);
const LINES_PER_FORMAT = 100;

type Source = ReturnType<typeof createCoreDnsSource>;

/** Undefined for a FORMAT that is refused. */
function sourceOf(token: string): Source | undefined {
  try {
    return createCoreDnsSource({ corednsLogFormats: [token], corednsContainers: ['coredns'] });
  } catch {
    return undefined;
  }
}

function read(source: Source, message: string): DnsEvent | undefined {
  const line = {
    text: message,
    timestampMs: 0,
    timeIsArrival: false,
    logStream: undefined,
    logGroup: undefined,
  };
  if (!source.prefilter(message)) throw new Error(`not recognised: ${message}`);
  return source.parse(line, createUnwrapper()(line));
}

/** As `toMatchObject`, which a million comparisons are too many for: it is asked only to explain a difference. */
function expectFacts(event: DnsEvent | undefined, facts: Partial<DnsEvent>): void {
  const names = Object.keys(facts) as (keyof DnsEvent)[];
  if (event === undefined || names.some((name) => event[name] !== facts[name]))
    expect(event).toMatchObject(facts);
}

const present = (text: string): string | undefined => (text === '' || text === '-' ? undefined : text);
const has = (format: string, ...labels: readonly string[]) =>
  labels.some((label) => format.includes(`{${label}}`));

/** What must come out of a line of `format` (already expanded). */
function expected(format: string, query: RenderQuery): Partial<DnsEvent> {
  const logged = <T>(label: string, value: T): T | undefined => (has(format, label) ? value : undefined);
  const seen = query.response !== undefined || !has(format, 'rcode', '>rflags');
  const name = renderName(query.labels);
  return {
    name: name === '.' ? name : name.slice(0, -1),
    type: logged('type', query.type),
    class: query.class === 'IN' ? undefined : logged('class', query.class),
    clientIp: logged('remote', present(query.remote)),
    clientPort: logged('port', query.port),
    id: logged('>id', String(query.id)),
    opCode: logged('>opcode', String(query.opcode)),
    transport: logged('proto', query.proto),
    requestBytes: logged('size', query.size),
    ednsDo: logged('>do', query.dnssecOk),
    ednsUdpSize: logged('>bufsize', query.bufsize),
    responseCode: logged('rcode', query.response?.rcode),
    headerFlags:
      query.response === undefined ? undefined : logged('>rflags', renderFlags(query.response.flags)),
    responseBytes: seen ? logged('rsize', query.response?.size ?? 0) : undefined,
    responseSeen: seen,
    durationNs: logged('duration', query.durationNs),
    upstream: logged('/forward/upstream', present(query.metadata.get('forward/upstream') ?? '')),
    isError: false,
    isPartial: false,
  };
}

/** Metadata that travels as attributes or as the client's identity, back under its labels. */
function readBack(event: DnsEvent): Record<string, unknown> {
  const { clientMetadata } = event;
  const found: Record<string, unknown> = Object.fromEntries(event.extra);
  delete found['server.address'];
  delete found['dns.synthetic'];
  if (clientMetadata?.namespace !== undefined)
    found['kubernetes/client-namespace'] = clientMetadata.namespace;
  if (clientMetadata?.pod !== undefined) found['kubernetes/client-pod-name'] = clientMetadata.pod;
  for (const [key, value] of clientMetadata?.labels ?? []) found[`kubernetes/client-label/${key}`] = value;
  return found;
}

function expectedMetadata(format: string, query: RenderQuery): Record<string, unknown> {
  const entries = [...query.metadata].filter(
    ([label, value]) => has(format, `/${label}`) && present(value) !== undefined,
  );
  return Object.fromEntries(
    entries
      .filter(([label]) => label !== 'forward/upstream')
      .map(([label, value]) =>
        label.includes('kubernetes/client-')
          ? [label, value]
          : [`coredns.metadata.${label.replaceAll('/', '.')}`, value],
      ),
  );
}

const WRAPPERS: readonly ((line: string) => string)[] = [
  (line) => line,
  (line) => `2019-04-01T22:13:36.289Z ${line}`,
  (line) => `2024-03-05T06:07:08.123456789Z stdout F ${line}\n`,
  (line) => JSON.stringify({ log: `${line}\n`, stream: 'stdout', time: '2024-03-05T06:07:08Z' }),
  (line) =>
    JSON.stringify({ stream: 'stdout', logtag: 'F', log: line, kubernetes: { container_name: 'coredns' } }),
  (line) => JSON.stringify({ body: line, resource: { 'k8s.container.name': 'coredns' } }),
];

describe('a rendered query is read back', () => {
  const automatic = createCoreDnsSource({ corednsLogFormats: [], corednsContainers: ['coredns'] });
  const formats = fc.constantFrom(RENDER_COMMON, RENDER_COMBINED);

  it(
    'in the default formats, in any wrapper',
    () => {
      fc.assert(
        fc.property(formats, anyQuery, fc.constantFrom(...WRAPPERS), (format, query, wrap) => {
          const line = renderCoreDns(format, query);
          const event = read(automatic, wrap(`[INFO] ${line}`));
          expectFacts(event, { ...expected(format, query), content: line });
        }),
        { numRuns: RUNS / 2 },
      );
    },
    TIME_LIMIT_MS,
  );

  it(
    'in any format that compiles',
    () => {
      let compiled = 0;
      const queries = fc.array(anyQuery, { minLength: LINES_PER_FORMAT, maxLength: LINES_PER_FORMAT });
      fc.assert(
        fc.property(anyFormat, queries, (written, lines) => {
          const token = quoteFormat(written);
          const source = sourceOf(token);
          if (source === undefined) return;
          compiled++;
          const format = expandShort(written);
          for (const query of lines) {
            const event = read(source, `[INFO] ${renderCoreDns(written, query)}`);
            expectFacts(event, expected(format, query));
            const metadata = readBack(event as DnsEvent);
            const logged = expectedMetadata(format, query);
            if (!isDeepStrictEqual(metadata, logged)) expect(metadata).toEqual(logged);
          }
        }),
        // Shrinking would compile thousands of formats; the seed is enough to find the case again.
        { numRuns: Math.ceil(RUNS / LINES_PER_FORMAT), endOnFailure: true },
      );
      expect(compiled).toBeGreaterThan(RUNS / LINES_PER_FORMAT / 4);
    },
    TIME_LIMIT_MS,
  );
});
