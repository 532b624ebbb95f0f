import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, renameSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from '@jest/globals';
import { builtCheckout, ROOT, tool } from './support/checkout.ts';

/** The directory file in `events/env.json`; the path is the same in a checkout and in the function's folder. */
const SAMPLE = 'events/directory.json';

/** Files under `folder`, by relative path. */
const filesIn = (folder: string): Map<string, Buffer> =>
  new Map(
    readdirSync(folder, { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry) => join(entry.parentPath, entry.name))
      .map((path) => [path.slice(folder.length + 1), readFileSync(path)]),
  );

let checkout = '';

beforeAll(() => {
  checkout = builtCheckout();
});

it('sam build alone gives the same bytes as npm run build, and adds only the sample inventory', () => {
  const built = filesIn(join(checkout, '.aws-sam/build/Function'));
  // Built again in another folder: the bytes must not depend on the path.
  const elsewhere = `${checkout}-moved`;
  renameSync(checkout, elsewhere);
  try {
    expect(spawnSync('npm', ['run', '--silent', 'build'], { cwd: elsewhere }).status).toBe(0);
    const bundle = [...filesIn(join(elsewhere, 'dist'))].filter(([name]) =>
      /^(index\.mjs|chunks\/)/.test(name),
    );
    expect([...built.keys()].sort()).toEqual([...bundle.map(([name]) => name), SAMPLE].sort());
    expect(built.get(SAMPLE)?.equals(readFileSync(join(ROOT, SAMPLE)))).toBe(true);
    for (const [name, bytes] of bundle) expect([name, built.get(name)?.equals(bytes)]).toEqual([name, true]);
  } finally {
    renameSync(elsewhere, checkout);
  }
});

it('passes sam validate --lint and cfn-lint', () => {
  expect(tool(checkout, 'sam', ['validate', '--lint'])).toContain('is a valid SAM Template');
  expect(tool(checkout, 'cfn-lint', ['template.yaml'])).toBe('');
});

describe('npm run package', () => {
  beforeAll(() => {
    expect(spawnSync('npm', ['run', '--silent', 'package'], { cwd: checkout }).status).toBe(0);
  });

  it('gives a plain template that passes cfn-lint', () => {
    expect(tool(checkout, 'cfn-lint', ['release/template.yaml'])).toBe('');
  });

  it('gives the resources that the translator of SAM gives, but for the place of the code and a tag', () => {
    const script = join(ROOT, 'test/aws/support/compare_sam.py');
    const { resources, differences } = JSON.parse(tool(checkout, 'python', [script]));
    expect(resources).toBeGreaterThan(40);
    expect(differences).toEqual([
      'Function.Metadata',
      'Function.Properties.Code',
      'Function.Properties.Tags',
    ]);
  });
});
