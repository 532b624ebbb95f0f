import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  type LogStyle,
  logsEveryQuery,
  POD_IDENTITY_FORMAT,
  unloggedBlocks,
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

  /** The log directives of a block after the change, in CoreDNS's order. */
  const logsOf = (source: string, style: LogStyle = PLAIN) =>
    parseCorefile(withLog(source, style).after)
      .blocks[0]?.directives.filter(({ name }) => name === 'log')
      .map(({ args, lines }) => [...args, ...lines.flat()].map(({ text }) => text).join(' '));

  it.each([
    { name: 'classes', block: 'log {\n  class error\n }', logs: [''] },
    {
      name: 'classes of a FORMAT',
      block: 'log . "{name} {rcode}" {\n  class denial\n }',
      logs: ['. {name} {rcode}'],
    },
    { name: 'a zone', block: 'log example.org', logs: ['example.org', ''] },
    { name: 'a zone with a FORMAT', block: 'log example.org "{name}"', logs: ['example.org {name}', ''] },
    {
      name: 'a zone with a FORMAT and classes',
      block: 'log example.org example.net "{name}" {\n  class error\n }',
      logs: ['example.org example.net {name}', ''],
    },
    { name: 'a FORMAT in the place of the zone', block: 'log {combined}', logs: ['{combined}', ''] },
    { name: 'a zone from the environment', block: 'log {$ZONE}', logs: ['{$ZONE}', ''] },
    { name: 'classes before a complete rule', block: 'log . {\n  class error\n }\n log', logs: ['.', ''] },
  ])('widens $name, and keeps each FORMAT', ({ block, logs }) => {
    const source = `. {\n ${block} # mine\n errors\n}\n`;
    const { after } = withLog(source, PLAIN);
    expect(logsOf(source)).toEqual(logs);
    expect(logsEveryQuery(source)).toBe(false);
    expect(logsEveryQuery(after)).toBe(true);
    expect(after).toContain('# mine');
    expect(withoutEdits(after)).toBe(source);
  });

  it.each([
    { name: 'all three classes', block: 'log {\n class success\n class denial error\n }' },
    { name: 'a limited rule behind a complete one', block: 'log\n log {\n class error\n }' },
    { name: 'a FORMAT from the environment', block: 'log . {$FORMAT}' },
    {
      name: 'a limited rule for names of an earlier rule',
      block: 'log example.org\n log a.example.org {\n class error\n }\n log',
    },
  ])('leaves $name', ({ block }) => {
    const source = `. {\n ${block}\n errors\n}\n`;
    expect(withLog(source, PLAIN).after).toBe(source);
  });

  it('leaves log of the zone of its own block, but not of a CIDR range, which is no zone for log', () => {
    expect(logsOf('cluster.local:53 {\n errors\n log Cluster.Local.\n}\n')).toEqual(['Cluster.Local.']);
    expect(logsOf('cluster.local:53 {\n errors\n log uster.local\n}\n')).toEqual(['uster.local', '']);
    const reverse = (log: string) => `. {\n log\n}\n10.0.0.0/8 {\n errors\n ${log}\n}\n`;
    expect(logsEveryQuery(reverse('log 10.0.0.0/8'))).toBe(false);
    expect(logsEveryQuery(reverse('log 10.in-addr.arpa {\n class error\n }\n log'))).toBe(false);
    expect(logsEveryQuery(reverse('log'))).toBe(true);
  });

  it('puts a rule before the import of a snippet that logs less', () => {
    const snippet = '(l) {\n log corp.example "{name}"\n log . "{type} {name}" {\n class error\n }\n}\n';
    const source = `${snippet}. {\n errors\n import l # mine\n cache\n}\n`;
    const { after, notes } = withLog(source, PLAIN);
    expect(after.startsWith(`${snippet}. {\n errors\n log corp.example`)).toBe(true);
    expect(logsOf(source)).toEqual([
      'corp.example {name}',
      '. {type} {name}',
      'corp.example {name}',
      '. {type} {name} class error',
    ]);
    expect(notes.join()).toContain('logs only names in corp.example; responses of class error');
    expect(withoutEdits(after)).toBe(source);
  });

  it('keeps CRLF', () => {
    const source = '(l) {\n log {\n class error\n }\n}\n. {\n import l\n errors\n}\n'.replaceAll(
      '\n',
      '\r\n',
    );
    const { after } = withLog(source, IDENTITY);
    expect(after).not.toBe(source);
    expect(after.replaceAll('\r\n', '')).not.toContain('\n');
  });

  it('adds nothing to a snippet with errors', () => {
    const source = '(c) {\n errors\n}\n. {\n import c\n}\n';
    expect(withLog(source, PLAIN).after).toMatch(/^\(c\) \{\n errors\n\}\n\. \{\n log # /);
  });

  it('puts a FORMAT before imported files, which may have another one', () => {
    const source = '. {\n import custom/*\n log . "{name}"\n}\n';
    expect(withLog(source, { kind: 'format', format: '{name}' }).after).toMatch(
      /^\. \{\n log \. "\{name\}" # .*\n import/,
    );
  });

  it('splits the line of the brace for it', () => {
    const source = '(l) {\n log {\n class error\n }\n}\n. { import l # mine\n errors\n}\n';
    const { after } = withLog(source, PLAIN);
    expect(logsOf(source)).toEqual(['', 'class error']);
    expect(withoutEdits(after)).toBe(source);
  });

  it('replaces a FORMAT only if another one is asked for, and says so', () => {
    const source = '. {\n log . "{name} {rcode}"\n errors\n}\n';
    expect(withLog(source, PLAIN).after).toBe(source);
    const { warnings } = withLog(source, { kind: 'format', format: '{name}' });
    expect(warnings.join()).toContain('no longer logs in its FORMAT "{name} {rcode}"');
    expect(logsOf(source, { kind: 'format', format: '{name}' })).toEqual(['. {name}']);
  });

  it('warns of a FORMAT that cannot be parsed', () => {
    expect(withLog('. {\n log . "{rcode}"\n errors\n}\n', PLAIN).warnings.join()).toContain(
      '{name} is missing',
    );
  });

  it.each([
    { name: 'a FORMAT with a newline', block: 'log . "{name}\n{rcode}" {\n class error\n }' },
    { name: 'a second rule behind braces', block: 'log {\n class error\n } log' },
  ])('leaves $name to the user', ({ block }) => {
    const source = `. {\n ${block}\n}\n`;
    const { after, warnings } = withLog(source, PLAIN);
    expect(after).toBe(source);
    expect(warnings.join()).toContain('change its log directive yourself');
  });

  it('logs other zones on request, and names those that stay silent', () => {
    const source = '. {\n errors\n}\ncorp.example:53 {\n forward . 192.0.2.1\n}\n';
    const { after, warnings } = withLog(source, PLAIN);
    expect(warnings).toEqual(['block corp.example:53 does not log; add --all-zones to log it, too']);
    expect(logsEveryQuery(after)).toBe(false);
    expect(unloggedBlocks(after)).toEqual({ pods: [], others: ['corp.example:53 does not log'] });
    const all = withLog(source, PLAIN, { allZones: true });
    expect(all.warnings).toEqual([]);
    expect(logsEveryQuery(all.after)).toBe(true);
  });

  it('reads addresses with environment variables', () => {
    expect(logsEveryQuery(withLog('.:{$PORT} {\n errors\n}\n', PLAIN).after)).toBe(true);
    const source = '{$ZONES}:53 {\n errors\n}\n';
    const { after, warnings } = withLog(source, PLAIN);
    expect(after).toBe(source);
    expect(warnings.join()).toMatch(/^the zone of block .* is an environment variable/);
    expect(withLog(source, PLAIN, { allZones: true }).after).not.toBe(source);
  });

  it.each(['corp.example:53{', 'a:53,b:53'])('warns of %s, which nobody queries', (key) => {
    const source = `. {\n errors\n}\n${key}\n${key.endsWith('{') ? '' : '{\n'} errors\n}\n`;
    const { after, warnings } = withLog(source, PLAIN, { allZones: true });
    expect(warnings).toEqual([expect.stringContaining(`a space is missing in ${key}`)]);
    expect(logsEveryQuery(after)).toBe(true);
  });

  it.each(['', 'bind 127.0.0.1\n reload\n'])('gives no log to a block without answers: %j', (block) => {
    const source = `. {\n errors\n log\n}\ncorp.example {\n ${block}}\n`;
    const { after, notes } = withLog(source, PLAIN, { allZones: true });
    expect(after).toBe(source);
    expect(notes.join()).toContain('block corp.example has no plugin that answers');
    expect(logsEveryQuery(source)).toBe(true);
  });

  it('puts its rule before imported files, which may log less', () => {
    const before = withLog('. {\n import custom/*.override\n errors\n}\n', PLAIN);
    expect(before.after).toMatch(/^\. \{\n log # .*\n import/);
    expect(before.warnings).toEqual([]);
    const behind = '. {\n import custom/*.override\n log\n}\nimport custom/*.server\n';
    expect(withLog(behind, PLAIN).warnings).toEqual([
      'block . imports custom/*.override, which may contain a log directive',
      'imported files were not read: custom/*.server',
    ]);
  });

  it('counts the zones of a kubernetes plugin without arguments', () => {
    expect(logsEveryQuery(withLog('shop.internal {\n kubernetes\n}\n', PLAIN).after)).toBe(true);
  });

  it('verifies pods in a snippet of two blocks once', () => {
    const source =
      '(k) {\n kubernetes cluster.local {\n  pods insecure\n }\n}\n. {\n import k\n}\ncluster.local {\n import k\n}\n';
    const { after } = withLog(source, IDENTITY);
    expect(after.match(/pods verified/g)).toHaveLength(1);
    expect(withoutEdits(after)).toBe(source);
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
          const body = [...directives, 'whoami'].join('\n    ');
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

  const lookalike = fc.constantFrom(
    'reload # eks-dns-firehose',
    'cache 30 # see # eks-dns-firehose',
    'log example.org # eks-dns-firehose',
    'metadata # eks-dns-firehose 0f1e2d3c',
    'log {\n class error\n } # eks-dns-firehose',
    'kubernetes shop.internal {\n pods insecure # eks-dns-firehose was: "pods disabled"\n } # eks-dns-firehose 0f1e2d3c',
    'kubernetes shop.internal # eks-dns-firehose 0f1e2d3c was: "broken \\x"',
  );

  it("keeps people's lines that end in our comment", () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(lookalike, directive), { maxLength: 5 }), style, (directives, how) => {
        const source = `.:53 {\n${directives.join('\n')}\nwhoami\n}\ncorp.example {\nwhoami\n}\n`;
        const { after } = withLog(source, how, { allZones: true });
        expect(logsEveryQuery(after)).toBe(true);
        expect(withoutEdits(after)).toBe(source);
      }),
      { numRuns: 500 },
    );
  });

  it('undoes the edits of version 1.0, and edits of a file that was changed since', () => {
    const old =
      '.:53 {\n    errors\n    metadata # eks-dns-firehose\n    log . "{combined} # x" # eks-dns-firehose\n    kubernetes cluster.local { # eks-dns-firehose was: "kubernetes cluster.local"\n        pods verified # eks-dns-firehose\n    } # eks-dns-firehose\n    reload # eks-dns-firehose\n}\n';
    expect(withoutEdits(old)).toBe(
      '.:53 {\n    errors\n    kubernetes cluster.local\n    reload # eks-dns-firehose\n}\n',
    );
    expect(withoutEdits('. {\n log # eks-dns-firehose\n} # eks-dns-firehose\n')).toBe(
      '. {\n} # eks-dns-firehose\n',
    );
    const changed = withLog(EKS, IDENTITY).after.replace('cache 30', 'cache 60');
    expect(withoutEdits(changed)).toBe(EKS.replace('cache 30', 'cache 60'));
    // A later change of the format is undone on its own.
    const twice = withLog(changed, { kind: 'format', format: '{name}' }).after;
    expect(twice).not.toBe(changed);
    expect(withoutEdits(twice)).toBe(changed);
  });

  it('takes a comment in quotes for text', () => {
    const source =
      '. {\n template ANY ANY {\n  answer "x\nlog # eks-dns-firehose\n" # eks-dns-firehose\n }\n}\n';
    expect(withoutEdits(source)).toBe(source);
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
