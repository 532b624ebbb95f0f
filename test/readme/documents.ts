// The Markdown files that people read, and what a reader can click in them.
import { readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const markdownIn = (folder: string): readonly string[] =>
  readdirSync(folder)
    .filter((name) => name.endsWith('.md'))
    .sort()
    .map((name) => `${folder}/${name}`);

/** README and the pages of `docs/`. */
export const GUIDES: readonly string[] = ['README.md', ...markdownIn('docs')];

/** All documents. */
export const DOCUMENTS: readonly string[] = [
  ...GUIDES,
  'CHANGELOG.md',
  'SECURITY.md',
  ...markdownIn('dynatrace'),
];

export const readDocument = (path: string): string => readFileSync(path, 'utf8');

/** All guides as one text, README first. */
export const allGuides = (): string => GUIDES.map(readDocument).join('\n');

const withoutCode = (markdown: string): string => markdown.replaceAll(/^ *```[\s\S]*?^ *```$/gm, '');

/** Targets of the links and pictures in a document: `docs/deploy.md#permissions`, `#limits`, `https://...`. */
export const linksOf = (markdown: string): readonly string[] =>
  [...withoutCode(markdown).matchAll(/\]\(([^)\s]+)\)/g)].map(([, target = '']) => target);

/** Anchors that GitHub gives to the headings of a document; a repeated heading gets `-1`, `-2`. */
export function anchorsOf(markdown: string): readonly string[] {
  const seen = new Map<string, number>();
  return [...withoutCode(markdown).matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) => {
    const slug = heading
      .toLowerCase()
      .replaceAll(/[^\p{L}\p{N}_ -]/gu, '')
      .replaceAll(' ', '-');
    const before = seen.get(slug) ?? 0;
    seen.set(slug, before + 1);
    return before === 0 ? slug : `${slug}-${before}`;
  });
}

/** Links of a document that lead nowhere: to a missing file, a missing anchor, or out of the repository. */
export function brokenLinks(
  path: string,
  markdown: string,
  read: (path: string) => string | undefined,
): readonly string[] {
  return linksOf(markdown).filter((link) => {
    if (/^https?:\/\//.test(link)) return false;
    const [file = '', anchor] = link.split('#');
    const target = file === '' ? path : join(dirname(path), file);
    if (target.startsWith('..') || file.startsWith('/')) return true;
    const text = target === path ? markdown : read(target);
    if (text === undefined) return true;
    return anchor !== undefined && !anchorsOf(text).includes(anchor);
  });
}
