import { readFileSync } from 'node:fs';
import { parseDocument, type YAMLMap, type YAMLSeq } from 'yaml';

/** Intrinsic functions of CloudFormation that the template uses. */
export const FUNCTIONS = 'Ref Sub GetAtt If Equals Not And Or Condition Select Split Join'.split(' ');

/** template.yaml with `!Sub x` as `{ Sub: x }`, `!Not [x]` as `{ Not: [x] }`, and so on. */
export const readTemplate = (): unknown =>
  parseDocument(readFileSync(new URL('../../template.yaml', import.meta.url), 'utf8'), {
    customTags: FUNCTIONS.flatMap((name) => [
      { tag: `!${name}`, resolve: (value: string) => ({ [name]: value }) },
      ...(['seq', 'map'] as const).map((collection) => ({
        tag: `!${name}`,
        collection,
        resolve: (items: YAMLMap | YAMLSeq) => ({ [name]: items.toJSON() }),
      })),
    ]),
  }).toJS();
