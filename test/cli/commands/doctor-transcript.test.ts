// The transcripts in docs/doctor.md are what the program prints; after a change of a text:
// UPDATE_GOLDEN=1 npm test -- test/cli/commands/doctor-transcript.test.ts
import { readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from '@jest/globals';
import { RECORD_KEY } from '../support/complete-setup.ts';
import { PLATFORM } from '../support/dynatrace-stub/index.ts';
import { probePerTest } from '../support/probe-run.ts';
import { transcriptIn } from '../support/transcript.ts';

const DOCS = 'docs/doctor.md';
const ENVIRONMENT = 'https://abc12345.apps.dynatrace.com';

const probe = probePerTest();

/** The command's output and its transcript. */
async function transcript(...args: readonly string[]) {
  const path = join(probe.folder, 'report.txt');
  const run = await probe.run('--yes', '--transcript', path, ...args);
  return { ...run, path, text: readFileSync(path, 'utf8') };
}

/** What is random, or of this machine, as in the documents. */
const stable = (text: string): string =>
  text
    .replaceAll(/eks-dns-probe-[0-9a-f]{16}/g, 'eks-dns-probe-0f3a9c2b7d41e85c')
    .replaceAll(probe.dynatrace.url, ENVIRONMENT)
    .replace(/doctor [\d.]+, Node\.js [\d.]+, \w+/, 'doctor 2.0.0, Node.js 24.11.0, linux');

/** Everything in the stubs that is a customer's. */
const THEIRS =
  /shop|1111222|delivery|\/errors|abc12345|\babc\b|172\.|10\.100|vpc-1|ip-172|ours|Acme|4xkqz|compute\.internal|127\.0/;

it('shows a chain that works, in the documents', async () => {
  const args = await probe.withDynatrace();
  const { stdout, stderr, text } = await transcript(...args);
  expect(stderr).toContain('read it before you show it to others');
  const command = `$ npm run -s cli -- doctor --probe --transcript report.txt --dynatrace ${ENVIRONMENT}`;
  const links = stdout.slice(stdout.indexOf('ok       probe: pod'));
  const printed = stable(`${command}\n...\n${links}`);
  expect(transcriptIn(DOCS, 'probe', printed)).toContain(printed.trimEnd());
  const report = stable(`$ cat report.txt\n${text}`);
  expect(transcriptIn(DOCS, 'report', report)).toContain(report.trimEnd());
  expect(report).not.toMatch(THEIRS);
  // Nothing but the masked values differs.
  expect(text.split('\n').length).toBe(stdout.split('\n').length + 2);
});

it('shows a chain that is broken, in the documents', async () => {
  probe.broken.add('coredns');
  const args = await probe.withDynatrace();
  probe.letTimePass();
  const { code, stdout } = await probe.run('--yes', ...args);
  expect(code).toBe(1);
  const command = `$ npm run -s cli -- doctor --probe --dynatrace ${ENVIRONMENT}`;
  // How long the others took depends on who waits for whom here.
  const links = stdout
    .slice(stdout.indexOf('ok       probe: pod'))
    .replace(/(in Dynatrace: after) \d+ s/, '$1 71 s')
    .replace(/(pod: after) \d+ s/, '$1 5 s');
  const printed = stable(`${command}\n...\n${links.trimEnd()}\n(exit code 1)`);
  expect(transcriptIn(DOCS, 'broken', printed)).toContain(printed.trimEnd());
});

it('has nothing of the customer, whatever services say', async () => {
  const token = `${PLATFORM}`;
  const said = [
    'User: arn:aws:sts::111122223333:assumed-role/AcmeAdmin/jane@acme.example.org is not authorized',
    `with dt0c01.ST2EY72KQINMH574WMNVI7YN.G3DFPBEJYMODIDAEX454 and AKIAIOSFODNN7\n  EXAMPLE, ${RECORD_KEY}`,
    'at https://0123456789ABCDEF0123456789ABCDEF.gr7.eu-west-1.eks.amazonaws.com, bucket "Acme-backup", 1111\n22223333',
  ].join('; ');
  probe.answerWith({
    ListRolePolicies: () => `AccessDeniedException: ${said.replaceAll(': ', ' ')}`,
    FilterLogEvents: () => `InvalidParameterException: ${said.replaceAll(': ', ' ')}`,
  });
  const { path, text } = await transcript(...(await probe.withDynatrace()));
  expect(text).toContain('AccessDeniedException');
  expect(text).not.toMatch(THEIRS);
  for (const secret of [
    RECORD_KEY,
    'ST2EY72',
    'AKIA',
    'jane',
    token.slice(8, 20),
    '0123456789ABCDEF',
    'EXAMPLE',
  ])
    expect(text).not.toContain(secret);
  expect(statSync(path).mode & 0o077).toBe(0);
});

it('has no name that the user gave, and no name of a pod', async () => {
  const image = 'registry.acme.example.org/tools/box:1';
  probe.pods.answers.set('POST', [403, { message: `quota of acme-team is exceeded by ${image}` }]);
  const options = ['--probe-namespace', 'acme-team', '--probe-image', image];
  const refused = await transcript(...options);
  expect(refused.stdout).toMatch(/acme-team.*registry\.acme/);
  expect(refused.text).toContain('the pod cannot be created in namespace <name-');
  expect(refused.text).not.toMatch(/acme|tools|box/);
});

it('is written after a failure too', async () => {
  const path = join(probe.folder, 'report.txt');
  const { code } = await probe.run('--transcript', path);
  expect(code).toBe(2);
  const text = readFileSync(path, 'utf8');
  expect(text).toContain('ok       function: dns, 0 s');
  expect(text).toMatch(/\nerror: nothing was changed\n$/);
});

it('names a file that cannot be written before anything is done', async () => {
  const { code, stdout, stderr } = await probe.run('--yes', '--transcript', '/nowhere/report.txt');
  expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
  expect(stderr).toContain('the transcript cannot be written: ENOENT');
});
