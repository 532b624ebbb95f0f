import { readFileSync } from 'node:fs';
import { parseDocument, type YAMLMap, type YAMLSeq } from 'yaml';

/** Intrinsic functions of CloudFormation that the template uses. */
export const FUNCTIONS = 'Ref Sub GetAtt If Equals Not And Or Condition Select Split Join'.split(' ');

/** template.yaml, as `parseTemplate` reads it. */
export const readTemplate = (): unknown =>
  parseTemplate(readFileSync(new URL('../../template.yaml', import.meta.url), 'utf8'));

/** The value of a template, with `!Sub x` as `{ Sub: x }`, `!Not [x]` as `{ Not: [x] }`, and so on. */
export const parseTemplate = (text: string): unknown =>
  parseDocument(text, {
    customTags: FUNCTIONS.flatMap((name) => [
      { tag: `!${name}`, resolve: (value: string) => ({ [name]: value }) },
      ...(['seq', 'map'] as const).map((collection) => ({
        tag: `!${name}`,
        collection,
        resolve: (items: YAMLMap | YAMLSeq) => ({ [name]: items.toJSON() }),
      })),
    ]),
  }).toJS();
