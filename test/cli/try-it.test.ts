// transform, invoke and make-event as processes: pipes, files, exit codes.
import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, describe, expect, it } from '@jest/globals';
import { runCli } from '../support/cli-process.ts';

const LINE =
  '[INFO] 172.31.47.132:40395 - 23683 "A IN www.dynatrace.com. udp 35 false 512" NOERROR qr,rd,ra 278 0.002157881s';
const APP = 'order 8812 paid';
const WITH_DIRECTORY = ['--directory', 'events/directory.json'];
const NDJSON = ['transform', ...WITH_DIRECTORY, '--format', 'ndjson'];

const folder = mkdtempSync(join(tmpdir(), 'try-it-'));
afterAll(() => rmSync(folder, { recursive: true }));

const file = (name: string, data: string | Buffer): string => {
  const path = join(folder, name);
  writeFileSync(path, data);
  return path;
};

const records = (stdout: string): Record<string, unknown>[] =>
  stdout
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Record<string, unknown>);

const NAMED = {
  'dns.question.name': 'www.dynatrace.com',
  'client.ip': '172.31.47.132',
  'k8s.pod.name': 'checkout-6c9f7b5d48-m2xkp',
};

/** `aws logs filter-log-events` output. */
const EXPORT = JSON.stringify({
  events: [{ logStreamName: 's', timestamp: 1_795_168_860_000, message: `${LINE}\n`, eventId: '1' }],
  searchedLogStreams: [],
});

/** An envelope with the line in it. */
const LINE_EVENT = JSON.stringify({
  messageType: 'DATA_MESSAGE',
  owner: '111122223333',
  logGroup: '/aws/containerinsights/shop/application',
  logStream: 's',
  logEvents: [{ id: '1', timestamp: 1_795_168_860_000, message: LINE }],
});

describe('transform', () => {
  it.each([
    ['lines', `${LINE}\n${APP}\n`],
    ['lines with carriage returns', `${LINE}\r\n`],
    ['gzip', gzipSync(LINE)],
    ['a CloudWatch export', EXPORT],
    ['a Firehose event', readFileSync('events/01-coredns-query.json')],
    ['the data of a Firehose record', `${gzipSync(LINE_EVENT).toString('base64')}\n`],
  ])('reads %s from stdin', (_, input) => {
    const { code, stdout, stderr } = runCli(NDJSON, input);
    expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
    expect(records(stdout)).toEqual([expect.objectContaining(NAMED)]);
  });

  it('reads several envelopes, each in a gzip member of its own', () => {
    const data = Buffer.concat([gzipSync(LINE_EVENT), Buffer.from('\n'), gzipSync(LINE_EVENT)]);
    const { stdout } = runCli(NDJSON, data.toString('base64'));
    expect(records(stdout)).toEqual([expect.objectContaining(NAMED), expect.objectContaining(NAMED)]);
  });

  it.each([
    ['slow', 'sleep 0.5; cat', LINE, 1],
    ['large', 'cat', `${LINE}\n`.repeat(20_000), 20_000],
  ])('reads a pipe that is %s', (_, producer, input, count) => {
    const path = file('piped.log', input);
    const cli = new URL('../../dist/cli.mjs', import.meta.url).pathname;
    const line = `(${producer} ${path}) | ${process.execPath} ${cli} ${NDJSON.join(' ')}`;
    const stdout = execFileSync('bash', ['-c', line], { encoding: 'utf8', maxBuffer: 2 ** 27 });
    expect(stdout.trim().split('\n')).toHaveLength(count);
  });

  it('reads files in order, and stdin for -', () => {
    const first = file('first.log', LINE.replace('www', 'first'));
    const { stdout } = runCli([...NDJSON, first, '-'], LINE.replace('www', 'second'));
    const names = records(stdout).map((record) => record['dns.question.name']);
    expect(names).toEqual(['first.dynatrace.com', 'second.dynatrace.com']);
  });

  it('finds the cluster by --log-group', () => {
    const { stdout } = runCli([...NDJSON, '--log-group', '/aws/eks/shop/coredns'], LINE);
    expect(records(stdout)[0]).toMatchObject({ ...NAMED, 'aws.log_group': '/aws/eks/shop/coredns' });
  });

  it('reads the function’s settings from the environment', () => {
    const { stdout } = runCli(NDJSON, LINE, { CONTENT: 'none', STATIC_ATTRIBUTES: 'env=test' });
    const [record = {}] = records(stdout);
    expect(record).toMatchObject({ env: 'test' });
    expect(record).not.toHaveProperty('content');
  });

  it('prints a table or JSON', () => {
    const pretty = runCli(['transform', ...WITH_DIRECTORY], LINE);
    expect(pretty.stdout).toContain('www.dynatrace.com');
    expect(pretty.stdout).toContain('payments/checkout-6c9f7b5d48-m2xkp');
    expect(pretty.stdout).not.toContain('\u001b');
    expect(JSON.parse(runCli(['transform', '-f', 'json'], LINE).stdout)).toHaveLength(1);
  });

  it('prints a summary on stderr', () => {
    const { stdout, stderr } = runCli([...NDJSON, '--summary'], `${LINE}\n${APP}`);
    expect(records(stdout)).toHaveLength(1);
    expect(stderr).toMatch(/^events +2 in, 1 normalised, 1 passed through$/m);
  });

  it.each(['', '\n\n'])('refuses input of nothing but %j', (input) => {
    const { code, stderr, stdout } = runCli(NDJSON, input);
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toMatch(/error: stdin is empty\nfix: /);
  });

  it('ends without an error when nobody reads on', () => {
    const path = file('long.log', `${LINE}\n`.repeat(30_000));
    const cli = new URL('../../dist/cli.mjs', import.meta.url).pathname;
    for (const format of ['pretty', 'json', 'ndjson']) {
      const line = `${process.execPath} ${cli} transform -f ${format} ${path} | head -1`;
      const run = spawnSync('bash', ['-o', 'pipefail', '-c', line], { encoding: 'utf8' });
      expect([run.status, run.stdout.trim().split('\n').length]).toEqual([0, 1]);
      expect(run.stderr).not.toMatch(/EPIPE|^ {4}at |^events/m);
    }
  });

  it.each([
    [
      'no inventory',
      [],
      {},
      /nobody is named, because there is no inventory.*CLUSTERS=<cluster>[\s\S]*kubectl get pods,nodes/,
    ],
    [
      'an inventory of others',
      ['-d', 'events/directory.json'],
      {},
      /nobody is named: no client address .*events\/directory\.json/,
    ],
  ])('says why nobody is named: %s', (_, options, env, message) => {
    const unknown = LINE.replace('172.31.47.132', '10.255.0.1');
    expect(runCli(['transform', ...options], unknown, env).stderr).toMatch(message);
    expect(runCli(['transform', ...WITH_DIRECTORY], `${LINE}\n${unknown}`).stderr).not.toContain('nobody');
  });

  it('says which forms it reads where there is no DNS log', () => {
    const { code, stderr } = runCli(['transform'], `${APP}\n`);
    expect(code).toBe(0);
    expect(stderr).toMatch(/no DNS log line found[\s\S]*- lines of CoreDNS[\s\S]*- results of Logs Insights/);
    expect(stderr).toMatch(/^events +1 in, 0 normalised, 1 passed through$/m);
  });

  it.each([60, 80, 100, 130, 200])('prints a table of at most %i columns', (columns) => {
    const events = ['09-firewall-block', '11-dns-tunnel'].map((name) => `events/${name}.json`);
    const { stdout } = runCli(['transform', ...WITH_DIRECTORY, ...events], '', { COLUMNS: String(columns) });
    const widest = Math.max(...stdout.split('\n').map((line) => line.length));
    expect(widest).toBeLessThanOrEqual(columns);
    expect(stdout).toContain('^ hex-label');
  });

  it('prints JSON as JSON.stringify does', () => {
    const { stdout } = runCli(['transform', '--json'], `${LINE}\n`.repeat(20_000));
    const parsed = JSON.parse(stdout);
    expect(parsed).toHaveLength(20_000);
    expect(stdout).toBe(`${JSON.stringify(parsed, null, 2)}\n`);
    expect(runCli(['transform', '--json'], APP).stdout).toBe('[]\n');
  });

  it('does not let a log command the terminal', () => {
    const name = JSON.stringify('bad\u001b[2J\u202e.example.');
    const record = `{"version":"1.100000","query_timestamp":"2026-01-01T00:00:00Z","query_name":${name},"query_type":"A","query_class":"IN","rcode":"NOERROR","answers":[],"srcaddr":"10.0.0.1"}`;
    const { stdout } = runCli(['transform'], record);
    expect(stdout).toContain('bad');
    for (const character of ['\u001b', '\u202e']) expect(stdout).not.toContain(character);
  });

  it.each([
    ['a missing file', ['transform', 'missing.log'], 2, /error: .*missing\.log[\s\S]*fix: /],
    ['a missing directory file', ['transform', '-d', 'missing.json'], 2, /missing\.json/],
    ['an unknown format', ['transform', '-f', 'xml'], 2, /pretty, json, ndjson/],
    ['an unknown option', ['transform', '--colour'], 2, /--colour/],
  ])('refuses %s', (_, args, code, message) => {
    const run = runCli(args, LINE);
    expect(run.code).toBe(code);
    expect(run.stderr).toMatch(message);
    expect(run.stderr).not.toMatch(/^ {4}at /m);
  });

  it('prints help without an error', () => {
    expect(runCli(['transform', '--help'])).toMatchObject({ code: 0, stderr: '' });
    expect(runCli(['--version'])).toMatchObject({ code: 0, stderr: '' });
    expect(runCli(['transfrom'])).toMatchObject({ code: 2, stderr: expect.stringContaining('transform') });
  });

  it('names every invalid setting', () => {
    const { code, stderr } = runCli(['transform'], LINE, { OUTPUT_FORMAT: 'xml', SAMPLE: 'x' });
    expect(code).toBe(2);
    expect(stderr).toMatch(/OUTPUT_FORMAT: [\s\S]*SAMPLE: [\s\S]*fix: /);
  });
});

describe('make-event', () => {
  const envelope = (stdout: string) => {
    const [record] = JSON.parse(stdout).records;
    return JSON.parse(gunzipSync(Buffer.from(record.data, 'base64')).toString('utf8'));
  };

  it('puts lines into an envelope', () => {
    const options = ['-g', '/g', '--log-stream', 's', '-t', '2026-11-20T10:00:00Z'];
    const { code, stdout } = runCli(['make-event', ...options], `${LINE}\n\n${APP}\n`);
    expect(code).toBe(0);
    expect(envelope(stdout)).toMatchObject({
      messageType: 'DATA_MESSAGE',
      logGroup: '/g',
      logStream: 's',
      logEvents: [
        { timestamp: Date.UTC(2026, 10, 20, 10), message: LINE },
        { timestamp: Date.UTC(2026, 10, 20, 10), message: APP },
      ],
    });
  });

  it('creates bare lines with --bare', () => {
    const { stdout } = runCli(['make-event', '--bare', '-r', 'us-east-1'], LINE);
    const event = JSON.parse(stdout);
    expect(event.region).toBe('us-east-1');
    expect(Buffer.from(event.records[0].data, 'base64').toString('utf8')).toBe(LINE);
  });

  it('creates events for transform and invoke', () => {
    const path = file('event.json', runCli(['make-event', '-t', '2026-11-20T10:00:00Z'], LINE).stdout);
    expect(records(runCli([...NDJSON, path]).stdout)).toEqual([expect.objectContaining(NAMED)]);
    const { stdout } = runCli(['invoke', path, '--decode', '--env-vars', 'events/env.json']);
    expect(stdout).toContain('record 1 of 1: Ok, 1 normalised');
    expect(stdout).toContain('checkout-6c9f7b5d48-m2xkp');
  });

  it('refuses an invalid time', () => {
    const { code, stderr } = runCli(['make-event', '-t', 'yesterday'], LINE);
    expect(code).toBe(2);
    expect(stderr).toContain('"yesterday" is not a valid time');
  });
});

describe('invoke', () => {
  const EVENT = 'events/01-coredns-query.json';

  it('prints the response of the function', () => {
    const { code, stdout } = runCli(['invoke', EVENT, '--env-vars', 'events/env.json']);
    expect(code).toBe(0);
    const { records: sent } = JSON.parse(readFileSync(EVENT, 'utf8'));
    expect(JSON.parse(stdout).records).toEqual([
      { recordId: sent[0].recordId, result: 'Ok', data: expect.any(String) },
    ]);
  });

  it('passes its own environment on without an environment file', () => {
    const run = runCli(['invoke', EVENT], '', { OUTPUT_FORMAT: 'xml' });
    expect(run.code).toBe(0);
    expect(run.stderr).toContain('configuration_rejected');
  });

  it.each([
    ['a text', file('text.txt', 'no event'), [], 2, /not a Firehose event[\s\S]*make-event/],
    ['an object that is not an event', file('object.json', '{}'), [], 2, /not a Firehose event/],
    ['a missing bundle', EVENT, ['--bundle', 'dist/missing.mjs'], 2, /npm run build/],
    [
      'a wrong environment file',
      EVENT,
      ['--env-vars', file('env.json', '[1]')],
      2,
      /not an environment file/,
    ],
    [
      'an environment file that is not JSON',
      EVENT,
      ['--env-vars', file('env.txt', 'A=1')],
      2,
      /not an environment file/,
    ],
    ['a bundle that crashes', EVENT, ['--bundle', file('crash.mjs', 'process.exit(3)')], 1, /exit code 3/],
    [
      'a function that takes too long',
      EVENT,
      ['--timeout', '1', '--bundle', file('slow.mjs', 'export const handler = () => new Promise(() => {})')],
      1,
      /the function failed/,
    ],
    ['a timeout that is not a number', EVENT, ['--timeout', 'soon'], 2, /soon/],
  ])('refuses %s', (_, event, options, code, message) => {
    const run = runCli(['invoke', event, ...options]);
    expect(run.stderr).toMatch(message);
    expect(run.code).toBe(code);
    expect(run.stderr).not.toMatch(/^ {4}at /m);
  });
});
