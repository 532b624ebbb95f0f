import { describe, expect, it } from '@jest/globals';
import { documentRegions } from '../../scripts/tools/docs/document-regions.ts';
import { fillRegions } from '../../scripts/tools/docs/regions.ts';
import { DOCUMENTS, readDocument } from '../readme/documents.ts';

describe('fillRegions', () => {
  it('fills a value in a line, and a block with lines of its own', () => {
    const text =
      'takes <!-- generated: size -->?<!-- end --> bytes\n<!-- generated: list -->\nold\n<!-- end -->\n';
    const filled =
      'takes <!-- generated: size -->12<!-- end --> bytes\n<!-- generated: list -->\n\na\nb\n\n<!-- end -->\n';
    const regions = { size: '12', list: 'a\nb' };
    expect(fillRegions(text, regions)).toBe(filled);
    expect(fillRegions(filled, regions)).toBe(filled);
  });

  it.each([
    ['an unknown region', '<!-- generated: other --><!-- end -->', 'unknown region "other"'],
    ['a region without an end', 'a <!-- generated: size --> b', 'without <!-- end -->'],
  ])('refuses %s', (_name, text, message) => {
    expect(() => fillRegions(text, { size: '12' })).toThrow(message);
  });
});

describe('generated parts of the documents', () => {
  it('are current in the repository', async () => {
    const regions = await documentRegions();
    const stale = DOCUMENTS.filter((path) => fillRegions(readDocument(path), regions) !== readDocument(path));
    expect(stale).toEqual([]);
  });

  it('are all used', async () => {
    const names = Object.keys(await documentRegions());
    const all = DOCUMENTS.map(readDocument).join('\n');
    expect(names.filter((name) => !all.includes(`<!-- generated: ${name} -->`))).toEqual([]);
  });
});
