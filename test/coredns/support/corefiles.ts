// Corefiles of the shapes that people write. `ANSWER` stands for plugins that answer NXDOMAIN to `nx.`, SERVFAIL to
// `fail.` and NOERROR to all other names; `PORT` for the port.

/** A Corefile, and names of which each class of response is asked. */
export type Sample = {
  readonly name: string;
  readonly text: string;
  /** Zones that it answers for; the root zone by default. */
  readonly zones?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
};

const ANSWER = `template ANY ANY . {
        match ^nx[.]
        rcode NXDOMAIN
        fallthrough
    }
    template ANY ANY . {
        match ^fail[.]
        rcode SERVFAIL
        fallthrough
    }
    template ANY ANY . {
        rcode NOERROR
    }`;

/** A Corefile with its placeholders filled in. */
export const filled = (text: string, port: number): string =>
  text.replaceAll('ANSWER', ANSWER).replaceAll('PORT', String(port));

const BOTH = ['example.org', 'corp.test'];

/** The samples. */
export const SAMPLES: readonly Sample[] = [
  {
    name: 'the default of EKS',
    text: '.:PORT {\n    errors\n    kubernetes cluster.local in-addr.arpa {\n      endpoint API\n      pods insecure\n      fallthrough in-addr.arpa\n    }\n    ANSWER\n    cache 30\n    loadbalance\n}\n',
  },
  {
    name: 'stub domains',
    zones: BOTH,
    text: '.:PORT {\n    errors\n    ANSWER\n}\ncorp.test:PORT {\n    errors\n    ANSWER\n}\n',
  },
  {
    name: 'a snippet that logs denials',
    text: '(common) {\n    errors\n    log . {\n        class denial\n    }\n}\n.:PORT {\n    import common\n    ANSWER\n}\n',
  },
  {
    name: 'a snippet on the line of the brace',
    text: '(common) {\n    log . "{remote} {name} {rcode}" {\n        class error\n    }\n}\n.:PORT { import common\n    ANSWER\n}\n'.replace(
      '{ import common',
      '{ import common # ours',
    ),
  },
  {
    name: 'a snippet that logs one zone in a FORMAT and the rest by class',
    zones: BOTH,
    text: '(l) {\n    log corp.test "own {name}"\n    log {\n        class success\n    }\n}\n.:PORT {\n    errors\n    import l\n    ANSWER\n}\n',
  },
  {
    name: 'a snippet in a snippet',
    text: '(l) {\n    log . {\n        class error\n    }\n}\n(all) {\n    import l\n    errors\n}\n.:PORT {\n    import all\n    ANSWER\n}\n',
  },
  {
    name: 'a snippet for two blocks',
    zones: BOTH,
    text: '(l) {\n    log\n}\n.:PORT {\n    import l\n    ANSWER\n}\ncorp.test:PORT {\n    import l\n    ANSWER\n}\n',
  },
  {
    name: 'log of one zone with a FORMAT',
    zones: BOTH,
    text: '.:PORT {\n    log corp.test "own {name} {rcode}"\n    ANSWER\n}\n',
  },
  {
    name: 'log of one zone and class',
    zones: BOTH,
    text: '.:PORT {\n    log corp.test {\n        class error denial\n    } # why\n    ANSWER\n}\n',
  },
  {
    name: 'all three classes',
    text: '.:PORT {\n    log . {\n        class success\n        class denial error\n    }\n    ANSWER\n}\n',
  },
  {
    name: 'two log directives of which the first is limited',
    zones: BOTH,
    text: '.:PORT {\n    log . {\n        class error\n    }\n    log\n    ANSWER\n}\n',
  },
  { name: 'a FORMAT in the place of a zone', text: '.:PORT {\n    log {combined}\n    ANSWER\n}\n' },
  {
    name: 'log of the zone of its block',
    zones: ['corp.test'],
    text: 'corp.test:PORT {\n    log corp.TEST.\n    ANSWER\n}\n',
  },
  { name: 'log of a name with a port, which is no zone', text: '.:PORT {\n    log .:PORT\n    ANSWER\n}\n' },
  {
    name: 'environment variables',
    text: '.:{$LISTEN} {\n    log {%ZONE%}\n    ANSWER\n}\n',
    environment: { ZONE: 'corp.test', LISTEN: 'PORT' },
  },
  {
    name: 'a FORMAT from the environment',
    text: '.:PORT {\n    log . {$OWN}\n    ANSWER\n}\n',
    environment: { OWN: '{name} {rcode}' },
  },
  { name: 'a brace without a space', text: '.:PORT {\n    ANSWER\n}\ncorp.test:PORT{\n    ANSWER\n}\n' },
  {
    name: 'several keys',
    zones: BOTH,
    text: '.:PORT,\ncorp.test:PORT dns://other.test:PORT\n{\n    ANSWER\n}\n',
  },
  {
    name: 'CIDR keys',
    zones: ['1.2.10.in-addr.arpa', '9.168.192.in-addr.arpa'],
    text: '10.0.0.0/8:PORT 192.168.8.0/23:PORT {\n    log 10.0.0.0/8\n    ANSWER\n}\n.:PORT {\n    ANSWER\n}\n',
  },
  {
    name: 'CRLF and tabs',
    text: '.:PORT {\n\terrors\n\tlog {\n\t\tclass error\n\t}\n\tANSWER\n}\n'.replaceAll('\n', '\r\n'),
  },
  { name: 'no final newline', text: '.:PORT {\n    ANSWER\n}' },
  { name: 'one block without braces', text: '.:PORT\nerrors\nlog example.net\nANSWER' },
  { name: 'directives on the line of the brace', text: '.:PORT { errors\n    ANSWER\n}\n' },
  { name: 'a file that ends in the brace of a directive', text: '.:PORT {\n    ANSWER\n' },
  {
    name: 'quoted tokens and comments',
    text: '# head "\n".:PORT" { # brace {\n    "errors" #x\n    log "example.net" "{name} # not a comment" # } "\n    ANSWER\n}\n',
  },
  {
    name: 'a comment without white space before it',
    text: '.:PORT {\n    log#why example.net\n    ANSWER\n}\n',
  },
  { name: 'an empty block', zones: BOTH, text: '.:PORT {\n    ANSWER\n}\ncorp.test:PORT {\n}\n' },
  {
    name: 'a block without plugins that answer',
    zones: BOTH,
    text: '.:PORT {\n    ANSWER\n}\ncorp.test:PORT {\n    bind 127.0.0.1\n    debug\n    reload 10s\n}\n',
  },
  ...[
    'health 127.0.0.1:0',
    'ready 127.0.0.1:0',
    'pprof 127.0.0.1:0',
    'root .',
    'timeouts {\n        read 5s\n    }',
    'prometheus 127.0.0.1:0',
    'cache',
    'metadata',
  ].map((plugin) => ({
    name: `a block with ${plugin.split(' ', 1)[0]} alone`,
    zones: BOTH,
    text: `.:PORT {\n    ANSWER\n}\ncorp.test:PORT {\n    ${plugin}\n}\n`,
  })),
  { name: 'a block with errors alone', text: '.:PORT {\n    errors\n}\n' },
  {
    name: 'files that are not there',
    text: '.:PORT {\n    errors\n    import custom/*.override\n    ANSWER\n}\nimport custom/*.server\n',
  },
  {
    name: 'lines with the comment of the editor',
    text: '.:PORT {\n    errors # eks-dns-firehose\n    ANSWER\n} # eks-dns-firehose\ncorp.test:PORT {\n    log # eks-dns-firehose\n    ANSWER\n}\n',
    zones: BOTH,
  },
  { name: 'a block without an address', text: '{\n    whoami\n}\n.:PORT {\n    ANSWER\n}\n' },
  {
    name: 'a block from a snippet',
    text: '(server) {\n    .:PORT {\n        ANSWER\n    }\n}\nimport server\n',
  },
  { name: 'a byte order mark', text: '\ufeff.:PORT {\n    ANSWER\n}\n' },
];
