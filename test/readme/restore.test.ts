// The recipe for logs in the backup bucket, run with an `aws` that has one object and takes records.
import { execFileSync } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import type { FirehoseTransformationEvent } from 'aws-lambda';
import { createTransform } from '../../src/core/index.ts';
import { EMPTY_DIRECTORY } from '../../src/core/model/directory.ts';
import { DEFAULT_SETTINGS } from '../../src/core/model/settings.ts';
import { describeWithJq, shellLines } from './commands.ts';

const STREAM = 'dynatrace';
const recipe = shellLines(readFileSync('docs/deploy.md', 'utf8')).filter((line) =>
  line.startsWith('aws s3 cp s3://<bucket>/<object> - |'),
);

const event = (name: string): FirehoseTransformationEvent =>
  JSON.parse(readFileSync(`events/${name}.json`, 'utf8'));
const dataOf = (name: string) => event(name).records.map(({ data }) => data);
/** A batch of CloudWatch is longer than one argument of a command may be. */
const long = gzipSync(
  Buffer.from(JSON.stringify({ x: Array.from({ length: 60_000 }, Math.random) })),
).toString('base64');
const lost = [...dataOf('01-coredns-query'), ...dataOf('12-bare-lines'), long];

/** As Firehose writes it. */
const object = lost
  .map((rawData) =>
    JSON.stringify({
      attemptsMade: 4,
      arrivalTimestamp: 1795514400000,
      errorCode: 'Lambda.FunctionError',
      errorMessage: 'The Lambda function was successfully invoked but it returned an error result.',
      attemptEndingTimestamp: 1795514460000,
      rawData,
      lambdaArn: 'arn:aws:lambda:eu-west-1:111122223333:function:dns:$LATEST',
    }),
  )
  .join('\n');

const AWS = `#!/bin/sh
case "$1 $2" in
  's3 cp') cat "$OBJECT" ;;
  'firehose put-record') echo "$*" >> "$PUT"; cat >> "$PUT"; echo >> "$PUT" ;;
  *) exit 9 ;;
esac
`;

describeWithJq('backed-up logs', () => {
  let folder = '';
  beforeAll(() => {
    folder = mkdtempSync(join(tmpdir(), 'restore-'));
    writeFileSync(join(folder, 'aws'), AWS);
    chmodSync(join(folder, 'aws'), 0o755);
  });
  afterAll(() => rmSync(folder, { recursive: true, force: true }));

  function run(telling: string, bytes: Buffer): string {
    const [line = '', more] = recipe.filter((one) => one.includes(telling));
    expect(more).toBeUndefined();
    writeFileSync(join(folder, 'object'), bytes);
    rmSync(join(folder, 'put'), { force: true });
    const filled = line
      .replace('s3://<bucket>/<object>', 's3://b/processing-failed/o')
      .replace('<stream>', STREAM);
    expect(filled).not.toMatch(/<\w+>/);
    return execFileSync('bash', ['-o', 'pipefail', '-c', filled], {
      encoding: 'latin1',
      env: {
        PATH: `${folder}:${process.env.PATH}`,
        OBJECT: join(folder, 'object'),
        PUT: join(folder, 'put'),
      },
      maxBuffer: 2 ** 26,
      cwd: resolve('.'),
    });
  }

  it.each([
    ['compressed', gzipSync(Buffer.from(object))],
    ['plain', Buffer.from(object)],
  ])('of a %s object are told, read and put on the stream, byte for byte', (_name, bytes) => {
    expect(run('uniq -c', bytes)).toMatch(/^ +4 4\tLambda\.FunctionError\tThe Lambda function was.*\n$/);
    const texts = lost.map((data) => {
      const raw = Buffer.from(data, 'base64');
      return (raw[0] === 0x1f ? gunzipSync(raw) : raw).toString('latin1').trimEnd();
    });
    const read = run('base64 -d', bytes);
    for (const text of texts) expect(read.includes(text)).toBe(true);
    run('put-record', bytes);
    const put = readFileSync(join(folder, 'put'), 'utf8').trimEnd().split('\n');
    // An `aws` of version 1 takes base64 for the record itself, and knows no such option.
    const said = `firehose put-record --cli-binary-format base64 --delivery-stream-name ${STREAM} --record file:///dev/stdin`;
    expect(put).toEqual(lost.flatMap((Data) => [said, JSON.stringify({ Data })]));
  });

  it.each(['01-coredns-query', '02-resolver-query', '03-container-insights', '12-bare-lines'])(
    'that Dynatrace did not take go through the function again as they are: %s',
    async (name) => {
      const transform = createTransform(DEFAULT_SETTINGS, {
        directory: { begin: () => ({ lookup: async () => EMPTY_DIRECTORY, health: () => [] }) },
        now: Date.now,
        recordFailed: () => {},
      });
      const data = async (given: FirehoseTransformationEvent) =>
        (await transform(given)).response.records.map((record) => record.data ?? '');
      const first = await data(event(name));
      expect(first).not.toEqual(dataOf(name));
      const records = event(name).records.map((record, index) => ({ ...record, data: first[index] ?? '' }));
      expect(await data({ ...event(name), records })).toEqual(first);
    },
  );
});
