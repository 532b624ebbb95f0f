import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type LogStyle,
  logsEveryQuery,
  POD_IDENTITY_FORMAT,
  withLog,
} from '../../../../src/cli/lib/corefile/index.ts';
import {
  withAbsentMarker,
  withoutAbsentMarker,
  withoutEdits,
} from '../../../../src/cli/lib/corefile/markers.ts';
import { parseCorefile } from '../../../../src/cli/lib/corefile/parse.ts';
import { podBlocks, zoneOf } from '../../../../src/cli/lib/corefile/zones.ts';

const EKS = `.:53 {
    errors
    health {
        lameduck 5s
      }
    ready
    kubernetes cluster.local in-addr.arpa ip6.arpa {
      pods insecure
      fallthrough in-addr.arpa ip6.arpa
    }
    prometheus :9153
    forward . /etc/resolv.conf
    cache 30
    loop
    reload
    loadbalance
}
`;

const PLAIN: LogStyle = { kind: 'plain' };
const IDENTITY: LogStyle = { kind: 'pod-identity' };

/** The directives of the blocks that serve pods, as text. */
const effective = (source: string) =>
  podBlocks(parseCorefile(source)).map(({ directives }) =>
    directives.map(({ name, args, lines }) =>
      [
        name,
        ...args.map(({ text }) => text),
        ...lines.map((line) => line.map((word) => word.text).join(' ')),
      ].join(' '),
    ),
  );

describe('withLog', () => {
  it('adds log after errors and keeps the rest', () => {
    const { after, warnings } = withLog(EKS, PLAIN);
    expect(after.split('\n').slice(0, 4)).toEqual([
      '.:53 {',
      '    errors',
      expect.stringMatching(/^ {4}log # eks-dns-firehose [0-9a-f]{8}$/),
      '    health {',
    ]);
    expect(after.split('\n').toSpliced(2, 1).join('\n')).toBe(EKS);
    expect(warnings).toEqual([]);
  });

  it('enables pod identity: FORMAT, metadata, verified pods, and a warning about memory', () => {
    const { after, warnings } = withLog(EKS, IDENTITY);
    const [directives] = effective(after);
    expect(directives).toContain(`log . ${POD_IDENTITY_FORMAT}`);
    expect(directives).toContain('metadata');
    expect(after).toMatch(/pods verified # eks-dns-firehose \w+ was: "pods insecure"/);
    expect(warnings.join()).toContain('memory');
  });

  it.each([
    { name: 'kubernetes without braces', kubernetes: 'kubernetes cluster.local' },
    { name: 'kubernetes without pods', kubernetes: 'kubernetes cluster.local {\n    ttl 5\n  }' },
    { name: 'pods verified already', kubernetes: 'kubernetes cluster.local {\n    pods verified\n  }' },
  ])('verifies pods: $name', ({ kubernetes }) => {
    const source = `. {\n  errors\n  ${kubernetes}\n}\n`;
    const { after } = withLog(source, IDENTITY);
    expect(effective(after)[0]?.find((one) => one.startsWith('kubernetes'))).toContain('pods verified');
    expect(withoutEdits(after)).toBe(source);
  });

  it.each([
    { name: 'a log directive', block: 'log' },
    { name: 'one for the root zone', block: 'log .' },
    { name: 'one with a format', block: 'log . "{combined}"' },
    { name: 'one for all classes', block: 'log {\n class all\n }' },
  ])('changes nothing if there is $name', ({ block }) => {
    const source = `. {\n ${block}\n}\n`;
    expect(withLog(source, PLAIN)).toMatchObject({ after: source, notes: ['block . already logs'] });
  });

  it('edits only the root and the cluster zones', () => {
    const source = ['.:53', 'cluster.local:53', 'shop.internal:53', 'corp.example:53', 'in-addr.arpa:53']
      .map(
        (key) =>
          `${key} {\n    errors\n    ${key.startsWith('shop') ? 'kubernetes shop.internal' : 'cache 30'}\n}\n`,
      )
      .join('');
    const { after } = withLog(source, PLAIN);
    const logging = parseCorefile(after).blocks.filter(({ directives }) =>
      directives.some(({ name }) => name === 'log'),
    );
    expect(logging.map(({ keys }) => keys[0])).toEqual(['.:53', 'cluster.local:53', 'shop.internal:53']);
  });

  it('finds log in a snippet', () => {
    const source = '(l) {\n log\n}\n. {\n import l\n}\n';
    const { after, notes } = withLog(source, PLAIN);
    expect(after).toBe(source);
    expect(notes.join()).toContain('in an imported snippet');
  });

  it('detects whether a file logs every query', () => {
    expect(logsEveryQuery(EKS)).toBe(false);
    expect(logsEveryQuery('example.org {\n log\n}\n')).toBe(false);
    expect(logsEveryQuery('. {\n log {\n class error\n }\n}\n')).toBe(false);
    expect(logsEveryQuery('(l) {\n log\n}\n. {\n import l\n}\n')).toBe(true);
  });

  it('warns if no block serves pods', () => {
    expect(withLog('example.org {\n whoami\n}\n', PLAIN).warnings.join()).toContain('no block serves');
  });

  it('uses a FORMAT verbatim, including quotes, and changes it to another one', () => {
    const format = '{remote} "{name}"';
    const first = withLog(EKS, { kind: 'format', format }).after;
    expect(effective(first)[0]).toContain(`log . ${format}`);
    const second = withLog(first, PLAIN).after;
    expect(second).toBe(withLog(EKS, PLAIN).after);
  });
});

describe('withoutEdits', () => {
  const directive = fc.constantFrom(
    'errors',
    'errors # mine',
    'log',
    'log . "{combined}"',
    'log {\n\tclass denial\n}',
    'log example.org # x',
    'cache 30',
    'kubernetes cluster.local',
    'kubernetes cluster.local {\n pods insecure # why\n}',
    'forward . "a b"',
    'metadata',
    'kubernetes cluster.local {\n  fallthrough\n}',
    'health {\n lameduck 5s\n}',
    'template ANY ANY {\n answer "{{ .Name }} # eks-dns-firehose"\n}',
  );
  const style = fc.constantFrom<LogStyle>(PLAIN, IDENTITY, { kind: 'format', format: '{remote} "x" # y' });

  it('restores the exact bytes, and a second run changes nothing', () => {
    fc.assert(
      fc.property(
        fc.array(directive, { minLength: 1, maxLength: 6 }),
        fc.constantFrom('\n', '\r\n'),
        fc.constantFrom('braces', 'oneLine', 'bare', 'withoutNewline'),
        style,
        (directives, newline, shape, how) => {
          const body = directives.join('\n    ');
          const text = {
            braces: `.:53 {\n    ${body}\n}\n`,
            oneLine: `.:53 { ${body}\n}`,
            bare: `.:53\n${body}\n`,
            withoutNewline: `.:53\n${body}`,
          }[shape];
          const source = text.replaceAll('\n', newline);
          const { after } = withLog(source, how);
          expect(logsEveryQuery(after)).toBe(true);
          expect(withLog(after, how).after).toBe(after);
          expect(withoutEdits(after)).toBe(source);
        },
      ),
      { numRuns: 500 },
    );
  });

  it('marks a Corefile that was not configured before', () => {
    const { after } = withLog(EKS, PLAIN);
    expect(withoutAbsentMarker(withAbsentMarker(after))).toBe(after);
    expect(withoutAbsentMarker(EKS)).toBeUndefined();
  });
});

it.each([
  ['.', '.'],
  ['.:53', '.'],
  ['dns://.:1053', '.'],
  ['Cluster.Local.:53', 'cluster.local'],
  ['tls://example.org', 'example.org'],
  ['10.0.0.0/8', '10.0.0.0/8'],
  [':53', '.'],
  ['quic://.:{$PORT}', '.'],
  ['shop.internal:{%PORT%}', 'shop.internal'],
  ['{$ZONE}:53', undefined],
  ['corp.example:53{', 'corp.example:53{'],
])('zoneOf %s is %s', (key, zone) => {
  expect(zoneOf(key)).toBe(zone);
});
