import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { readDecided, withDecided } from '../../../../src/cli/lib/setup/decided.ts';
import { captureOutput } from '../../../support/captured-output.ts';

const environment = { ...process.env };
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'decided-'));
  process.env.EKS_DNS_SETUP = join(folder, 'file.json');
  process.env.DT_TOKEN = 'dt0c01.test';
});
afterEach(() => {
  rmSync(folder, { recursive: true });
  process.env = { ...environment };
});

const write = (value: unknown) => writeFileSync(join(folder, 'file.json'), JSON.stringify(value));
const SETUP = { cluster: 'shop', region: 'eu-west-1', stack: 'dns', stream: 'logs' };

it.each([
  { name: 'nothing without a file', file: undefined, options: {}, filled: {} },
  { name: 'what it takes', file: SETUP, options: {}, filled: { region: 'eu-west-1', stream: 'logs' } },
  { name: 'nothing beside a stream', file: SETUP, options: { stream: 'x' }, filled: { stream: 'x' } },
  {
    name: 'the rest in its own Region',
    file: SETUP,
    options: { region: 'eu-west-1' },
    filled: { region: 'eu-west-1', stream: 'logs' },
  },
  { name: 'nothing in another Region', file: SETUP, options: { region: 'x' }, filled: { region: 'x' } },
  { name: 'nothing beside a function', file: SETUP, options: { function: 'x' }, filled: { function: 'x' } },
])('fills in $name', async ({ file, options, filled }) => {
  if (file !== undefined) write(file);
  await captureOutput(() => expect(withDecided(options, ['region', 'stream'])).toEqual(filled));
});

it('leaves out what the setup was made without', async () => {
  write({ ...SETUP, without: ['resolver'] });
  await captureOutput(() => expect(withDecided({}, ['without'])).toEqual({ without: ['resolver'] }));
});

it.each(['[]', '{"cluster":1}', 'no JSON'])('refuses %s', (text) => {
  writeFileSync(join(folder, 'file.json'), text);
  expect(readDecided).toThrow('is not a file that setup wrote');
});

describe('the environment of the file, which gets the token', () => {
  it.each([
    ['https://abc12345.apps.dynatrace.com', true],
    ['https://dynatrace.com.attacker.example', false],
    ['https://xdynatrace.com', false],
    ['http://abc12345.apps.dynatrace.com', false],
    ['https://dynatrace.example.com/e/abc', false],
  ])('%s: %s', async (dynatrace, isTaken) => {
    write({ ...SETUP, dynatrace });
    expect(readDecided()?.dynatrace).toBe(isTaken ? dynatrace : undefined);
  });

  it('is not asked without a token', async () => {
    write({ ...SETUP, dynatrace: 'https://abc12345.apps.dynatrace.com' });
    delete process.env.DT_TOKEN;
    await captureOutput(() => expect(withDecided({}, ['dynatrace'])).toEqual({}));
  });
});
