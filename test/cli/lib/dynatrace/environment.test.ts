import { expect, it } from '@jest/globals';
import { settingsUrl } from '../../../../src/cli/lib/dynatrace/api.ts';
import { parseEnvironment } from '../../../../src/cli/lib/dynatrace/environment.ts';

const LIVE = 'https://abc12345.live.dynatrace.com';
const APPS = 'https://abc12345.apps.dynatrace.com';

it.each([
  [LIVE, LIVE, APPS],
  [APPS, LIVE, APPS],
  [`${APPS}/ui/apps/dynatrace.logs/?x=1#y`, LIVE, APPS],
  ['https://dt.example.com/e/1a-2b/ui', 'https://dt.example.com/e/1a-2b', undefined],
  ['https://dt.example.com:8443', 'https://dt.example.com:8443', 'https://dt.example.com:8443'],
  // Not a host of Dynatrace, so nothing is derived from it.
  [`${LIVE}.example.com`, `${LIVE}.example.com`, `${LIVE}.example.com`],
  ['http://[::1]:80', 'http://[::1]', 'http://[::1]'],
])('%s', (text, classic, platform) => {
  expect(parseEnvironment(text)).toEqual({ classic, platform });
});

it('gives each kind of token its address of the settings API', () => {
  const environment = parseEnvironment(LIVE);
  expect(settingsUrl({ environment, token: { kind: 'classic', secret: '' } })).toBe(
    `${LIVE}/api/v2/settings`,
  );
  expect(settingsUrl({ environment, token: { kind: 'platform', secret: '' } })).toBe(
    `${APPS}/platform/classic/environment-api/v2/settings`,
  );
});

it('has no platform on Managed', () => {
  const environment = parseEnvironment('https://dt.example.com/e/1a-2b');
  expect(() => settingsUrl({ environment, token: { kind: 'platform', secret: '' } })).toThrow(/Managed/);
});
