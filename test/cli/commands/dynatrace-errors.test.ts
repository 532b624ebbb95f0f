import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, describe, expect, it } from '@jest/globals';
import type { Run } from '../../support/run-command.ts';
import { callsStubPerTest } from '../support/calls-stub.ts';
import { CLASSIC, PLATFORM, startDynatraceStub } from '../support/dynatrace-stub/index.ts';
import { runDynatrace } from '../support/dynatrace-stub/run.ts';

const KEY = '00d1e2f3a4b5c6d7e8f9';
const folder = mkdtempSync(join(tmpdir(), 'dynatrace-'));
afterAll(() => rmSync(folder, { recursive: true }));

const startAws = callsStubPerTest();

describe('an answer of Dynatrace', () => {
  it.each([
    [
      401,
      {},
      undefined,
      /does not accept the platform token \(401\)[\s\S]*fix: check that it is of this environment/,
    ],
    [403, {}, undefined, /may not read settings \(403\)[\s\S]*fix: it needs the scope settings:objects:read/],
    [409, {}, undefined, /somebody else made a change meanwhile \(409\)[\s\S]*fix: run the command again/],
    [429, { 'retry-after': '3600' }, undefined, /allows no more calls now \(429\)[\s\S]*in 3600 s/],
    [429, { 'retry-after': '0' }, undefined, /allows no more calls now \(429\)/],
    [503, { 'retry-after': 'Fri, 01 Jan 2100 00:00:00 GMT' }, undefined, /allows no more calls now \(503\)/],
    [
      500,
      {},
      '<html>',
      /could not read settings \(500\)\nfix: run the command again: what is done stays done/,
    ],
    [302, { location: 'https://example.com/' }, undefined, /answers with a redirect \(302\)/],
    [200, {}, 'hello', /does not answer like the settings API/],
    [200, {}, '{"items":[7]}', /does not answer like the settings API/],
    [
      400,
      {},
      '[{"error":{"message":"no","constraintViolations":[{"path":"a","message":"b"}]}}]',
      /\(400\): no; a: b/,
    ],
  ])('%i %j %j', async (status, headers, body, message) => {
    const stub = await startDynatraceStub();
    stub.onRequest(() => ({ status, headers, body: body ?? { error: { message: 'said' } } }));
    const { code, stdout, stderr } = await runDynatrace(['apply', stub.url, '--record-key', KEY]);
    expect({ code, stdout }).toEqual({ code: 1, stdout: '' });
    expect(stderr).toMatch(message);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  it('of a read-only token names the scope that is missing, before anything is written', async () => {
    const stub = await startDynatraceStub({ without: ['settings.write'] });
    const { code, stderr } = await runDynatrace(['apply', stub.url, '--record-key', KEY], CLASSIC);
    expect({ code, writes: stub.writes }).toEqual({ code: 1, writes: [] });
    expect(stderr).toContain('the API token may not write settings (403)');
    expect(stderr).toContain('fix: it needs the scope settings.write');
  });

  it('that throttles is waited for', async () => {
    const stub = await startDynatraceStub();
    let left = 2;
    stub.onRequest(() =>
      left-- > 0 ? { status: 429, headers: { 'retry-after': '0' }, body: {} } : undefined,
    );
    const { code, stderr } = await runDynatrace(['apply', stub.url, '--record-key', KEY]);
    expect(code).toBe(0);
    expect(stderr).toContain('Dynatrace is throttling; trying again in 0 s');
  });

  it('without end is cut off', async () => {
    const stub = await startDynatraceStub();
    stub.onRequest(() => ({ status: 200, body: `"${'x'.repeat(25 * 1024 * 1024)}"` }));
    const { code, stderr } = await runDynatrace(['status', stub.url]);
    expect(code).toBe(1);
    expect(stderr).toContain('larger than any that Dynatrace sends');
  });

  it('with pages without end is given up', async () => {
    const stub = await startDynatraceStub();
    stub.onRequest(() => ({ status: 200, body: { items: [], nextPageKey: 'more' } }));
    expect(await runDynatrace(['status', stub.url])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('more objects'),
    });
    expect(stub.requests.length).toBeLessThan(100);
  });
});

describe('the environment', () => {
  it.each([
    [[], /<url> is missing/],
    [['abc12345'], /not the address of an environment/],
    [['http://abc12345.live.dynatrace.com'], /begins with https/],
    [['https://user:secret@abc12345.live.dynatrace.com'], /holds a user name/],
  ])('%j is a usage error', async (args, message) => {
    const { code, stderr } = await runDynatrace(['status', ...args]);
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
    expect(stderr).not.toContain('secret@');
  });

  it('that cannot be reached is named', async () => {
    const stub = await startDynatraceStub();
    await stub.close();
    expect(await runDynatrace(['status', stub.url])).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`${new URL(stub.url).host} cannot be reached: ECONNREFUSED`),
    });
  });
});

describe('the token', () => {
  const file = (content: string): string => {
    const path = join(folder, `token-${content.length}`);
    writeFileSync(path, content);
    return path;
  };

  it('comes from a file', async () => {
    const stub = await startDynatraceStub();
    const args = ['apply', stub.url, '--record-key', KEY, '--token-file', file(`${PLATFORM}\n`)];
    expect((await runDynatrace(args, null)).code).toBe(0);
  });

  it.each([
    ['no token', [], null, /DT_TOKEN is not set/],
    ['an empty file', ['--token-file', file('\n')], PLATFORM, /the token file is empty/],
    ['no file', ['--token-file', 'absent'], PLATFORM, /cannot read absent/],
    ['a file that is no token', ['--token-file', 'LICENSE'], PLATFORM, /not one line/],
    ['a device without end', ['--token-file', '/dev/zero'], PLATFORM, /not one line/],
  ])('%s is a usage error', async (_, more, token, message) => {
    const { code, stderr } = await runDynatrace(
      ['status', 'https://abc12345.live.dynatrace.com', ...more],
      token,
    );
    expect(code).toBe(2);
    expect(stderr).toMatch(message);
  });

  describe('of an OAuth client', () => {
    const SECRET = 'dt0s02.CLIENTID.CLIENTSECRETCLIENTSECRET';
    const withSso = async (url: string, run: () => Promise<Run>): Promise<Run> => {
      process.env.DT_SSO_URL = url;
      try {
        return await run();
      } finally {
        delete process.env.DT_SSO_URL;
      }
    };

    it('is exchanged for an access token', async () => {
      const [stub, sso] = [await startDynatraceStub(), await startDynatraceStub()];
      sso.onRequest((method) =>
        method === 'POST' ? { status: 200, body: { access_token: PLATFORM } } : undefined,
      );
      const run = () => runDynatrace(['apply', stub.url, '--record-key', KEY], SECRET);
      expect(await withSso(`${sso.url}/sso`, run)).toMatchObject({ code: 0 });
      expect(sso.bodies).toEqual([
        `grant_type=client_credentials&client_id=dt0s02.CLIENTID&client_secret=${SECRET}`,
      ]);
    });

    it.each([
      [401, { error: 'invalid_client' }],
      [200, { token: 'x' }],
      [302, {}],
    ])('that is refused with %i fails without printing it', async (status, body) => {
      const sso = await startDynatraceStub();
      sso.onRequest(() => ({ status, body: { ...body, message: SECRET } }));
      const { code, stderr } = await withSso(sso.url, () => runDynatrace(['status', sso.url], SECRET));
      expect(code).toBe(1);
      expect(stderr).toContain(`no access token for the OAuth client (${status})`);
      expect(stderr).not.toContain('CLIENTSECRET');
    });

    it('goes nowhere without TLS', async () => {
      const run = () => runDynatrace(['status', 'https://abc12345.live.dynatrace.com'], SECRET);
      expect(await withSso('http://sso.example.com', run)).toMatchObject({ code: 2 });
    });
  });

  it('is not sent where certificates are not checked', async () => {
    const stub = await startDynatraceStub();
    process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
    try {
      expect((await runDynatrace(['status', stub.url])).code).toBe(1);
    } finally {
      delete process.env.NODE_TLS_REJECT_UNAUTHORIZED;
    }
    expect(stub.requests).toEqual([]);
  });

  it('is not sent to a redirect', async () => {
    const [stub, other] = [await startDynatraceStub(), await startDynatraceStub()];
    stub.onRequest(() => ({ status: 307, headers: { location: `${other.url}/api/v2/settings/objects` } }));
    expect((await runDynatrace(['status', stub.url])).code).toBe(1);
    expect(other.requests).toEqual([]);
  });
});

describe('over TLS', () => {
  const tls = {
    key: readFileSync('test/support/tls/server-key.pem'),
    cert: readFileSync('test/support/tls/server.pem'),
  };
  /** The built command line in a process of its own, which trusts that CA. */
  async function runBuilt(url: string, ca: string) {
    const env = {
      PATH: process.env.PATH ?? '',
      DT_TOKEN: PLATFORM,
      NODE_EXTRA_CA_CERTS: `test/support/tls/${ca}`,
    };
    const child = spawn(process.execPath, ['dist/cli.mjs', 'dynatrace', 'apply', url, '--record-key', KEY], {
      env,
    });
    const [stderr, code] = await Promise.all([
      text(child.stderr),
      new Promise((done) => child.once('close', done)),
    ]);
    return { code, stderr };
  }

  it('talks to a server whose certificate the CA signed', async () => {
    const stub = await startDynatraceStub({ tls });
    expect(await runBuilt(stub.url, 'ca.pem')).toMatchObject({ code: 0 });
    expect(stub.settings.objects).toHaveLength(2);
  });

  it('sends nothing to any other', async () => {
    const stub = await startDynatraceStub({ tls });
    const { code, stderr } = await runBuilt(stub.url, 'other-ca.pem');
    expect({ code, requests: stub.requests }).toEqual({ code: 1, requests: [] });
    expect(stderr).toMatch(/cannot be reached: [A-Z_]*(CERT|VERIFY|SIGNED)/);
  });
});

it("takes the record key from the stack's output, if it is asked to or the pipeline is new", async () => {
  const stacks: string[] = [];
  await startAws({
    DescribeStacks: ({ StackName }) => {
      stacks.push(String(StackName));
      return { Stacks: [{ Outputs: [{ OutputKey: 'RecordKey', OutputValue: KEY }] }] };
    },
  });
  const stub = await startDynatraceStub();
  expect((await runDynatrace(['apply', stub.url, '--stack', 'dns-eu'])).code).toBe(0);
  expect(JSON.stringify(stub.settings.sent)).toContain(KEY);
  await runDynatrace(['apply', stub.url]);
  expect(stacks).toEqual(['dns-eu']);
  expect((await runDynatrace(['apply', (await startDynatraceStub()).url])).code).toBe(0);
  expect(stacks).toEqual(['dns-eu', 'eks-dns-firehose']);
});

it('asks for a record key where the stack has none', async () => {
  await startAws({ DescribeStacks: () => ({ Stacks: [{ Outputs: [] }] }) });
  const stub = await startDynatraceStub();
  const { code, stderr } = await runDynatrace(['apply', stub.url]);
  expect({ code, writes: stub.writes }).toEqual({ code: 1, writes: [] });
  expect(stderr).toContain('fix: name its stack with --stack <name>, or the key with --record-key <key>');
});
