import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from '@jest/globals';
import { vpcFiles } from '../../src/cli/lib/allow-list/dns-firewall.ts';
import { tool } from './support/checkout.ts';

const folder = mkdtempSync(join(tmpdir(), 'allow-list-'));
afterAll(() => rmSync(folder, { recursive: true }));

const names = (count: number) => Array.from({ length: count }, (_, i) => `host-${i}.example.org`);

it.each([
  ['a short list', names(3), 'vpc-0a1b2c3d4e5f60718', false],
  ['no name at all', [], 'vpc-0a1b2c3d4e5f60718', false],
  ['an unknown VPC', names(3), undefined, false],
  ['a list as a file in S3', names(1001), 'vpc-0a1b2c3d4e5f60718', true],
])('the stack of %s passes cfn-lint', (_, entries, vpcId, isFile) => {
  const list = { entries, folds: [], unwritable: [] };
  const { template, domains } = vpcFiles({ vpcId, list }, 'about');
  expect(domains !== undefined).toBe(isFile);
  expect(template.length).toBeLessThan(51_200);
  writeFileSync(join(folder, 'list.yaml'), template);
  expect(tool(folder, 'cfn-lint', ['list.yaml'])).toBe('');
});
