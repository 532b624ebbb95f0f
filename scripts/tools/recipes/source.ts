import type { Recipe } from './recipe.ts';

const PARSER = `// A dummy log: \`EXAMPLEDNS 10.0.1.5 A www.example.org. NOERROR\`
import { type DnsEvent, emptyEvent } from '../../model/dns-event.ts';
import type { LogLine, UnwrappedLine } from '../../model/log-line.ts';
import type { LogSource } from '../../model/ports.ts';

const LINE = /^EXAMPLEDNS ([0-9.]+) ([A-Z]+) (\\S+)\\. ([A-Z]+)$/;

/** Query lines of an example. */
export function createExampleSource(): LogSource {
  return {
    name: 'example',
    prefilter: (text) => text.includes('EXAMPLEDNS'),
    parse: readLine,
    resembles: ({ text }) => text.startsWith('EXAMPLEDNS '),
  };
}

function readLine(line: LogLine, { text, timeMs, producer }: UnwrappedLine): DnsEvent | undefined {
  const [, clientIp, type, name, responseCode] = LINE.exec(text) ?? [];
  if (name === undefined) return undefined;
  return Object.assign(emptyEvent('example'), {
    timeMs: timeMs ?? line.timestampMs,
    timeIsCertain: timeMs !== undefined || !line.timeIsArrival,
    content: text,
    name: name.toLowerCase(),
    type,
    responseCode,
    clientIp,
    producer,
  });
}
`;

const TEST = `import { expect, it } from '@jest/globals';
import { createExampleSource } from '../../../../src/core/sources/example/index.ts';
import { createUnwrapper } from '../../../../src/core/wrapper/index.ts';

const parse = (text: string) => {
  const line = { text, timestampMs: 1000, timeIsArrival: false, logStream: undefined, logGroup: undefined };
  return createExampleSource().parse(line, createUnwrapper()(line));
};

it.each([
  ['EXAMPLEDNS 10.0.1.5 A WWW.example.org. NOERROR', { name: 'www.example.org', clientIp: '10.0.1.5' }],
  ['EXAMPLEDNS 10.0.1.5 A www.example.org NOERROR', undefined],
])('%s', (text, expected) => {
  if (expected === undefined) expect(parse(text)).toBeUndefined();
  else expect(parse(text)).toMatchObject(expected);
});
`;

const INPUT = {
  description: 'A dummy log source',
  records: [
    {
      envelope: {
        logGroup: '/aws/eks/shop/example',
        logStream: 'example',
        events: [
          {
            time: '2026-11-20T10:01:00.137Z',
            message: 'EXAMPLEDNS 172.31.47.132 A www.example.org. NOERROR',
          },
        ],
      },
    },
  ],
  arrival: '2026-11-20T10:02:00.000Z',
};

/** A DNS log format. */
export const SOURCE: Recipe = {
  name: 'source',
  title: 'a log source',
  maxFiles: 6,
  steps: [
    {
      file: 'src/core/sources/example/index.ts',
      what: 'the parser: a `LogSource` (`src/core/model/ports.ts`) in a folder of its own',
      change: { create: PARSER },
    },
    {
      file: 'src/core/model/log-sources.ts',
      what: 'a row: name, label, metric, legend, where its clients are looked up, and who writes it. Counters, metrics, look-up keys, field table, `doctor` and `correlate` follow from it',
      change: {
        before: '] as const satisfies readonly LogSourceRow[];',
        insert: `  {
    name: 'example',
    label: 'example',
    metric: 'EventsExample',
    legend: 'E',
    clientScope: 'log-group',
    awsService: undefined,
    writer: 'coredns',
    ownGroups: [],
  },
`,
      },
    },
    {
      file: 'src/core/sources/index.ts',
      what: 'its parser in the list; the compiler reports a missing one',
      change: {
        after: "  'aws.route53.public': createPublicZoneSource,\n",
        insert: '  example: createExampleSource,\n',
      },
    },
    {
      file: 'src/core/sources/index.ts',
      what: 'the import',
      change: {
        after: "import { createCoreDnsSource } from './coredns/index.ts';\n",
        insert: "import { createExampleSource } from './example/index.ts';\n",
      },
    },
    {
      file: 'test/core/sources/example/lines.test.ts',
      what: 'a table of lines and their events, and lines that look like it and are not',
      change: { create: TEST },
    },
    {
      file: 'CHANGELOG.md',
      what: 'a line',
      change: { after: '## [Unreleased]\n', insert: '\n- A dummy log source.\n' },
    },
  ],
  golden: [['example/input.json', `${JSON.stringify(INPUT, null, 2)}\n`]],
  changesAllGolden: false,
  tests: [
    'test/core/sources',
    'test/core/attribution',
    'test/lambda/telemetry',
    'test/readme/tables',
    'test/dynatrace',
  ],
};
