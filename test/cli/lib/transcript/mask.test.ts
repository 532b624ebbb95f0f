import { describe, expect, it } from '@jest/globals';
import { createMask } from '../../../../src/cli/lib/transcript/mask.ts';

const plain = createMask({ names: [], secrets: [] });

describe('secrets vanish', () => {
  const JWT = `eyJhbGciOiJSUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.${'aB3dE5fG7h'.repeat(4)}`;

  it.each([
    [
      'an API token of Dynatrace',
      'dt0c01.ST2EY72KQINMH574WMNVI7YN.G3DFPBEJYMODIDAEX454M7YWBUVEFOWKPRVMWFASS64NFH52PX6BNDVFFM572RZM',
    ],
    ['a platform token', 'dt0s16.R7K2PXAB.Q4ZYTRWMNVI7YNG3DFPBEJYMODIDAEX454M7YWBU'],
    ['the secret of a client', 'dt0s02.ABCD1234.ZZZZYYYYXXXXWWWW'],
    ['an access key id', 'AKIAIOSFODNN7EXAMPLE'],
    ['a session key id', 'ASIAIOSFODNN7EXAMPLE'],
    ['a secret access key', 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY'],
    ['a JSON Web Token', JWT],
    ['a token of EKS', `k8s-aws-v1.${'aHR0cHM6Ly9zdHMuZXUtd2VzdC0x'.repeat(3)}`],
    ['a random number', '51af3dc00a5a5a5a5a5a'],
    ['base64', 'c2VjcmV0LXRva2VuOm92ZXItdGhlLXdpcmU/'],
    ['a password', 'password=hunter2'],
    ['a header', 'Authorization: Api-Token abcdefgh'],
    ['a header with an id in it', 'Bearer abc/vpc-0c5d2e8f/zzzzsecretzzzz'],
  ])('%s', (_, secret) => {
    for (const text of [
      secret,
      `the service said: ${secret}, and more`,
      `"token":"${secret}"`,
      `https://abc12345.live.dynatrace.com/api?api-token=${encodeURIComponent(secret)}&x=1`,
      `https://user:${encodeURIComponent(secret)}@hooks.example.org/in`,
    ]) {
      const masked = plain(text);
      for (const piece of secret.match(/[A-Za-z0-9]{8,}/g) ?? ['hunter2'])
        expect(masked).not.toContain(piece);
    }
  });

  it.each([
    ['a line break', '\n'],
    ['one with white space', ' \r\n    '],
    ['one of JSON', '\\n'],
    ['one of a shell', '\\\n'],
  ])('also where %s divides them', (_, gap) => {
    for (const secret of ['AKIAIOSFODNN7EXAMPLE', 'dt0c01.ST2EY72KQINMH574WMNVI7YN.G3DFPBEJYMODIDAEX', JWT])
      for (let at = 4; at < secret.length - 4; at += 3) {
        const masked = plain(`said ${secret.slice(0, at)}${gap}${secret.slice(at)} then`);
        expect(masked).not.toContain(secret.slice(0, at).slice(-8));
        expect(masked).not.toContain(secret.slice(at).slice(0, 8));
      }
  });

  it('that are known by their pieces, whatever is between them', () => {
    const mask = createMask({ names: [], secrets: ['correcthorsebatterystaple'] });
    expect(mask('correct-horse\nbattery staple')).toBe('[redacted]');
  });
});

describe('what identifies a customer is masked', () => {
  it.each([
    ['an account', 'in account 111122223333', 'in account <account-1>'],
    ['an account as the console prints it', '1111-2222-3333', '<account-1>'],
    [
      'a role',
      'arn:aws:sts::111122223333:assumed-role/AcmeAdmin/jane is not authorized',
      'arn:aws:sts::<account-1>:assumed-role/<name-1>/<name-2> is not authorized',
    ],
    [
      'a log group',
      'arn:aws:logs:eu-west-1:111122223333:log-group:/aws/containerinsights/acme/application:*',
      'arn:aws:logs:eu-west-1:<account-1>:log-group:/aws/containerinsights/<name-1>/application:*',
    ],
    ['a bucket', 'arn:aws:s3:::acme-logs/x', 'arn:aws:s3:::<name-1>/<name-2>'],
    ['a path of a log group', 'to /aws/eks/acme/cluster', 'to /aws/eks/<name-1>/cluster'],
    ['an id', 'vpc-0c5d2e8f91a7b6340: i-0f3d91c6a7be20584', '<id-1>: <id-2>'],
    ['an environment', 'https://abc12345.apps.dynatrace.com', 'https://<environment-1>.apps.dynatrace.com'],
    [
      'an endpoint of Firehose',
      'to https://abc12345.live.dynatrace.com/api/v2/logs/ingest/aws_firehose',
      'to https://<environment-1>.live.dynatrace.com/api/v2/logs/ingest/aws_firehose',
    ],
    [
      'an API server',
      'the Kubernetes API at https://0123456789ABCDEF.gr7.eu-west-1.eks.amazonaws.com:443 cannot',
      'the Kubernetes API at https://<host-1> cannot',
    ],
    ['a path with a secret', 'https://hooks.slack.com/services/T0/B0/x?y=z', 'https://<host-1>/...'],
    ['somebody', 'jane.doe+x@acme.example.org may', '<email-1> may'],
    ['a host', 'ip-172-31-40-5.eu-west-1.compute.internal:', '<host-1>:'],
    ['a zone', 'zone corp.acme.io is not logged', 'zone <host-1> is not logged'],
    ['addresses', '172.31.47.132:53, fd00:10::a and ::1', '<ip-1>:53, <ip-2> and <ip-3>'],
    ['a name in quotes', 'pipeline "Acme billing" has', 'pipeline "<name-1>" has'],
  ])('%s', (_, text, masked) => {
    expect(createMask({ names: [], secrets: [] })(text)).toBe(masked);
  });

  it('also where a line break divides it', () => {
    const mask = createMask({ names: [['cluster', 'acme-production']], secrets: [] });
    expect(
      mask(
        'in 1111\n22223333 by arn:aws:iam::1111222\n  23333:role/a\nb, acme-pro\nduction, vpc-0c5d2e\n8f91',
      ),
    ).toBe('in <account-1> by arn:aws:iam::<account-1>:role/<name-1>, <cluster-1>, <id-1>');
  });

  it('known names wherever they are, the longest first', () => {
    const mask = createMask({
      names: [
        ['cluster', 'acme'],
        ['stream', 'acme-dns'],
        ['log-group', 'acme/pods'],
      ],
      secrets: [],
    });
    expect(mask('acme: stream ACME-dns, /logs/acme/pods, --cluster acme-2, macmeter')).toBe(
      '<cluster-1>: stream <stream-1>, /logs/<log-group-1>, --cluster <cluster-1>-2, macmeter',
    );
  });

  it('the same value by the same placeholder, another value by another', () => {
    const mask = createMask({ names: [], secrets: [] });
    expect(mask('111122223333 444455556666 111122223333')).toBe('<account-1> <account-2> <account-1>');
    expect(mask('arn:aws:iam::444455556666:role/x')).toBe('arn:aws:iam::<account-2>:role/<name-1>');
  });

  it('but not what somebody writes as a placeholder', () => {
    const mask = createMask({ names: [['name', 'x1']], secrets: [] });
    expect(mask('\ue000 x1 \ue001')).toBe('  <name-1>  ');
  });
});

describe('the words of the tool stay', () => {
  it.each([
    'ok       record key: every record carries one',
    'ok       shop: CoreDNS log: on (ConfigMap kube-system/coredns)',
    'fix    eks-dns dynatrace apply URL && eks-dns doctor --dynatrace URL',
    'impact without it, records can be searched only by aws.log_group; with it, dns.* and k8s.pod.name are attributes',
    'ok       Dynatrace dashboard: "EKS DNS" is of this version, public in the environment',
    'sam deploy --parameter-overrides CorednsLogGroups=NAME (docs/deploy.md, private clusters)',
    'see https://docs.dynatrace.com/docs/ingest-from?x=1 and dynatrace/README.md, cluster.local, rbac.authorization.k8s.io',
    'after 38.0 s, 1 batch with 12 events of CoreDNS at 10:00:05 (2 others), 1700000000000',
    'asked for eks-dns-probe-0f3a9c2b7d41e85c.example.com',
    'error: AccessDeniedException: logs:FilterLogEvents',
    'waiting until Firehose stops invoking the function (docs/upgrade.md, 2.0)',
  ])('%s', (text) => {
    expect(plain(text)).toBe(text);
  });
});
