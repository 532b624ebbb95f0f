import type { Recipe } from './recipe.ts';

/** A field of the normalised record, here the number of labels of the name. */
export const ATTRIBUTE: Recipe = {
  name: 'attribute',
  title: 'an attribute of the record',
  maxFiles: 8,
  steps: [
    {
      file: 'src/core/model/record-fields/query.ts',
      what: 'a `RecordField` at its place in the printing order. Schema, field table and the check of the queries follow from it',
      change: {
        before: "  {\n    name: 'dns.question.class',",
        insert: `  {
    name: 'dns.question.labels',
    type: 'number',
    description: 'Number of labels of the name',
    example: 3,
    sources: EVERY_SOURCE,
    when: 'a name was asked for',
  },
`,
      },
    },
    {
      file: 'src/core/question/domain.ts',
      what: 'the fact itself, if it follows from the name: a member of `DomainInfo`',
      change: {
        after: '  readonly isPunycode: boolean;\n};\n',
        insert: '',
      },
    },
  ],
  golden: [],
  changesAllGolden: true,
  tests: [],
};
