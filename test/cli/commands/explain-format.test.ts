import { expect, it } from '@jest/globals';
import { explainFormatCommand } from '../../../src/cli/commands/explain-format.ts';
import { explainFormat } from '../../../src/cli/lib/coredns-format/index.ts';
import { runCommand } from '../../support/run-command.ts';

it('shows fields, omitted fields and literal text', () => {
  const { text, isReadable } = explainFormat('"{name} {type}\t{RCODE}\t{/forward/upstream}"');
  expect(isReadable).toBe(true);
  expect(text).toContain('{name}               dns.question.name');
  expect(text).toContain('{/forward/upstream}  dns.upstream');
  expect(text).toMatch(/not a placeholder.*\n {2}\{RCODE\}\n/);
  expect(text).toMatch(/Not logged\n.*\{rcode\} dns\.response_code/);
  expect(text).not.toMatch(/Not logged\n.*\{type\}/);
  expect(text).toContain('impossible, {remote} is missing');
  expect(text).toContain('none: every line is unambiguous');
});

it('explains the recommended format', () => {
  const { text } = explainFormat(
    '{combined} {/kubernetes/client-namespace} {/kubernetes/client-pod-name} {/kubernetes/client-label/app} {/log/type}',
  );
  expect(text).toContain('k8s.namespace.name (inferred)');
  expect(text).toContain('k8s.pod.name (inferred)');
  expect(text).toContain('k8s.pod.label.app');
  expect(text).toContain('coredns.metadata.log.type');
  expect(text).toContain('needs `metadata` and `pods verified`');
  expect(text).not.toContain('Not logged');
});

it.each([
  ['{name} {/a} {/b}', 'between {/a} and {/b};'],
  ['{type} {when}', '{name} is missing'],
])('explains the fault of %s', (format, message) => {
  const { text, isReadable } = explainFormat(format);
  expect(isReadable).toBe(false);
  expect(text).toContain(message);
});

it.each([
  ['{name}\n{type}', 'print every query on two lines'],
  ['"{name} \\"', 'its quotes are not closed'],
  ['{name} \\', 'end in a backslash'],
  ['{name} {%ZONE%}', 'environment variables'],
])('tells what CoreDNS would do with %j', (format, message) => {
  const { isReadable, text, reason } = explainFormat(format);
  expect(isReadable).toBe(false);
  expect(reason).toContain(message);
  expect(text).toMatch(/\nIn the Corefile\n {2}it cannot be used: /);
});

it.each(['{name}\\', '"{name}" {type}', '"\\"{name}\\" {type}"', '{"name":"{name}"}', '\\"{name}\\"'])(
  'accepts %j, quoted or not',
  (format) => {
    expect(explainFormat(format)).toMatchObject({ isReadable: true });
  },
);

it('lists {when} as text, which CoreDNS prints since 1.2.6', () => {
  const { fields, text } = explainFormat('{name} {when}');
  expect(fields).toEqual({ '{name}': 'dns.question.name' });
  expect(text).toMatch(/Literal text.*\n {2}\{when\} \(a time until CoreDNS 1\.2\.5\)/);
});

it('fails for a format that cannot be parsed', async () => {
  expect(await runCommand(explainFormatCommand(), ['{common}'])).toMatchObject({ code: 0, stderr: '' });
  expect((await runCommand(explainFormatCommand(), ['x'])).code).toBe(1);
});

it('prints JSON for scripts', async () => {
  const { stdout } = await runCommand(explainFormatCommand(), ['{remote}{name}', '--json']);
  expect(JSON.parse(stdout)).toMatchObject({
    readable: false,
    reason: expect.stringContaining('between {remote} and {name};'),
    fields: { '{remote}': 'client.ip', '{name}': 'dns.question.name' },
  });
});
