import { describe, expect, it } from '@jest/globals';
import { createTokenSource } from '../../../src/inventory/kubernetes/token.ts';

const NOW = Date.parse('2026-03-01T12:00:00Z');
const MINUTE = 60_000;

const sourceIn = (region: string, nowMs: () => number = () => NOW) =>
  createTokenSource({
    clusterName: 'prod',
    region,
    credentials: async () => ({
      accessKeyId: 'AKIDEXAMPLE',
      secretAccessKey: 'test-only',
      sessionToken: 'a/b+c=',
    }),
    nowMs,
  });

const urlOf = (token: string): URL =>
  new URL(Buffer.from(token.replace('k8s-aws-v1.', ''), 'base64url').toString());

describe('the bearer token', () => {
  it('is a presigned GetCallerIdentity that names the cluster', async () => {
    const token = await sourceIn('eu-west-1')(false);
    expect(token).toMatch(/^k8s-aws-v1\.[\w-]+$/);
    expect(token.length).toBeLessThan(4096);
    const url = urlOf(token);
    expect(url.origin).toBe('https://sts.eu-west-1.amazonaws.com');
    expect(Object.fromEntries(url.searchParams)).toEqual({
      Action: 'GetCallerIdentity',
      Version: '2011-06-15',
      'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
      'X-Amz-Credential': 'AKIDEXAMPLE/20260301/eu-west-1/sts/aws4_request',
      'X-Amz-Date': '20260301T120000Z',
      'X-Amz-Expires': '60',
      'X-Amz-Security-Token': 'a/b+c=',
      'X-Amz-SignedHeaders': 'host;x-k8s-aws-id',
      'X-Amz-Signature': '7f53dcc89edf6f5854faa2e3369f353c77b3ffaa0c07b9eee6c796c9f12ea993',
    });
  });

  it.each([
    ['cn-north-1', 'sts.cn-north-1.amazonaws.com.cn'],
    ['us-gov-west-1', 'sts.us-gov-west-1.amazonaws.com'],
    ['us-iso-east-1', 'sts.us-iso-east-1.c2s.ic.gov'],
    ['us-isob-east-1', 'sts.us-isob-east-1.sc2s.sgov.gov'],
    ['us-isof-south-1', 'sts.us-isof-south-1.csp.hci.ic.gov'],
    ['eu-isoe-west-1', 'sts.eu-isoe-west-1.cloud.adc-e.uk'],
    ['eusc-de-east-1', 'sts.eusc-de-east-1.amazonaws.eu'],
    ['eu-south-2', 'sts.eu-south-2.amazonaws.com'],
  ])('in %s is for %s', async (region, host) => {
    expect(urlOf(await sourceIn(region)(false)).host).toBe(host);
  });

  it('is kept for 14 minutes, and replaced when it was refused', async () => {
    let nowMs = NOW;
    const token = sourceIn('eu-west-1', () => nowMs);
    const first = await token(false);
    nowMs += 13 * MINUTE;
    expect(await token(false)).toBe(first);
    const second = await token(true);
    expect(second).not.toBe(first);
    nowMs += 14 * MINUTE;
    expect(await token(false)).not.toBe(second);
  });

  it('is signed again after credentials were missing', async () => {
    let fails = true;
    const token = createTokenSource({
      clusterName: 'prod',
      region: 'eu-west-1',
      credentials: async () => {
        if (fails) throw new Error('no credentials');
        return { accessKeyId: 'AKIDEXAMPLE', secretAccessKey: 'test-only' };
      },
      nowMs: () => NOW,
    });
    await expect(token(false)).rejects.toThrow('no credentials');
    fails = false;
    expect(await token(false)).toMatch(/^k8s-aws-v1\./);
  });
});
