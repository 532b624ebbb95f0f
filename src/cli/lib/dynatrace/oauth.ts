// Access tokens of OAuth clients.
// https://docs.dynatrace.com/docs/manage/identity-access-management/access-tokens-and-oauth-clients/oauth-clients
import { isObject } from '../../../core/util/json.ts';
import { EXIT, fail } from '../../terminal.ts';
import { parseJson } from '../io/json.ts';
import { boundedFetch } from './api.ts';
import { isProtected, type Token } from './environment.ts';

/** Where all environments of dynatrace.com get their access tokens; others set DT_SSO_URL. */
const SSO_URL = 'https://sso.dynatrace.com/sso/oauth2/token';

/** An access token with all scopes of the client, good for some minutes. */
export async function accessToken(clientSecret: string): Promise<Token> {
  const address = process.env.DT_SSO_URL ?? SSO_URL;
  const url = URL.canParse(address) ? new URL(address) : undefined;
  if (url === undefined || !isProtected(url))
    throw fail('DT_SSO_URL is not an address that begins with https://', undefined, EXIT.usage);
  const form = new URLSearchParams({
    grant_type: 'client_credentials',
    // The secret begins with the id: dt0s02.<id>.<secret>
    client_id: clientSecret.split('.').slice(0, 2).join('.'),
    client_secret: clientSecret,
  });
  const { status, text } = await boundedFetch(url, { method: 'POST', body: form }, clientSecret);
  const body = parseJson(text);
  const secret = isObject(body) ? body.access_token : undefined;
  if (status !== 200 || typeof secret !== 'string')
    throw fail(
      `Dynatrace gives no access token for the OAuth client (${status})`,
      'check that its secret is right and that it is still active',
    );
  return { kind: 'platform', secret };
}
