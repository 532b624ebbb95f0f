import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { allGuides, anchorsOf, brokenLinks, DOCUMENTS, GUIDES, linksOf, readDocument } from './documents.ts';

const readFile = (path: string): string | undefined =>
  existsSync(path) ? readFileSync(path, { encoding: 'utf8' }) : undefined;

it.each(DOCUMENTS)('links of %s lead somewhere in the repository', (path) => {
  expect(brokenLinks(path, readDocument(path), readFile)).toEqual([]);
});

it('every page of docs/ can be reached from the README', () => {
  const linked = new Set(linksOf(readDocument('README.md')).map((link) => link.split('#')[0]));
  expect(GUIDES.filter((path) => path !== 'README.md' && !linked.has(path))).toEqual([]);
});

it('files that are named exist', () => {
  const guides = allGuides();
  const named = [...guides.matchAll(/`((?:events|src|scripts|test|dynatrace|docs)\/[\w./-]+)`/g)];
  expect(named.length).toBeGreaterThan(10);
  expect(named.map(([, file = '']) => file).filter((file) => !existsSync(file))).toEqual([]);
  const queries = readdirSync('dynatrace/queries');
  const asked = [...guides.matchAll(/`([a-z-]+\.dql)`/g)].map(([, file = '']) => file);
  expect(asked.length).toBeGreaterThan(3);
  expect(asked.filter((file) => !queries.includes(file))).toEqual([]);
});

it('no document mentions a path of a machine', () => {
  const paths = DOCUMENTS.flatMap(
    (path) => readDocument(path).match(/(?<![\w.])\/(?:work|tmp|home|root)\/\S*/g) ?? [],
  );
  expect(paths).toEqual([]);
});

describe('README', () => {
  const lines = readDocument('README.md').trimEnd().split('\n');

  it('has at most 200 lines, and shows its picture in the first ten', () => {
    expect(lines.length).toBeLessThanOrEqual(200);
    expect(lines.slice(0, 10).some((line) => line.startsWith('!['))).toBe(true);
  });

  describe('on its first screen', () => {
    const screen = lines.slice(0, 24);

    it.each(['npm ci && npm run demo', 'npm ci && npm test'])('has the line %s', (command) => {
      expect(screen).toContain(command);
    });

    it.each(['needs', 'set up by', 'adds to the bill', 'was run'])('says what it %s', (what) => {
      expect(screen.some((line) => line.startsWith(`| **${what}** |`))).toBe(true);
    });

    it.each(['https://docs.aws.amazon.com/', 'https://docs.dynatrace.com/'])('links to %s', (start) => {
      expect(linksOf(screen.join('\n')).some((link) => link.startsWith(start))).toBe(true);
    });
  });
});

describe('the check itself', () => {
  const page =
    '# A\n\n## What is `x`, and why?\n\n## Twice\n\n## Twice\n\n```sh\n# no heading [no](link)\n```\n';

  it('names anchors as GitHub does', () => {
    expect(anchorsOf(page)).toEqual(['a', 'what-is-x-and-why', 'twice', 'twice-1']);
  });

  it.each([
    ['a missing file', '[x](gone.md)', ['gone.md']],
    ['a missing anchor of another page', '[x](page.md#gone)', ['page.md#gone']],
    ['a missing anchor of its own', '[x](#gone)', ['#gone']],
    ['a file outside the repository', '[x](../../design.md)', ['../../design.md']],
    ['none of these', '[x](page.md#twice-1) [y](#own) [z](https://example.com)\n# Own', []],
  ])('sees %s', (_name, text, expected) => {
    const read = (path: string) => (path === 'docs/page.md' ? page : undefined);
    expect(brokenLinks('docs/one.md', text, read)).toEqual(expected);
  });
});
