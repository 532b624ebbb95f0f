import type { Recipe } from './recipe.ts';

const TEST = `
it.each([
  ['www.example.org', 3],
  ['localhost', 1],
])('%s has %d labels', (name, labels) => {
  expect(domainInfo(name).labels).toBe(labels);
});
`;

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
    when: 'the question has a name',
    leanWithout: 'other-fields',
  },
`,
      },
    },
    {
      file: 'src/core/question/domain.ts',
      what: 'a property of the name: a member of `DomainInfo`',
      change: {
        after: '  readonly isPunycode: boolean;\n',
        insert: '  /** Number of labels. */\n  readonly labels: number;\n',
      },
    },
    {
      file: 'src/core/question/domain.ts',
      what: 'its value',
      change: {
        after: "    isPunycode: name.startsWith('xn--') || name.includes('.xn--'),\n",
        insert: "    labels: name.split('.').length,\n",
      },
    },
    {
      file: 'src/core/record/question-fields.ts',
      what: 'its key',
      change: {
        after: "  const category = key('dns.question.category');\n",
        insert:
          "  const labels = omits('dns.question.labels') ? undefined : bytesOf(json.key('dns.question.labels'));\n",
      },
    },
    {
      file: 'src/core/record/question-fields.ts',
      what: 'writing it, at the same place in the order',
      change: {
        after: '      text(out, category, categoryOf(event, domain), truncation);\n',
        insert:
          '      if (labels !== undefined) {\n        out.addBytes(labels);\n        out.addNumber(domain.labels);\n      }\n',
      },
    },
    {
      file: 'test/support/reference-record.ts',
      what: 'the same in the independent version that the writer is compared with',
      change: {
        after: "    add('dns.question.category', isExpansion ? 'search-expansion' : domain.category);\n",
        insert: "    add('dns.question.labels', domain.labels);\n",
      },
    },
    {
      file: 'test/core/question/domain.test.ts',
      what: 'a test',
      change: {
        replace: 'const info = domainInfo;\n',
        by: `const info = domainInfo;\n${TEST}`,
      },
    },
    {
      file: 'scripts/bench/rivals.ts',
      what: 'the same in the straightforward version of the bench, which has to do the same work',
      change: {
        after: "    'dns.question.category': name.endsWith('.cluster.local') ? 'cluster' : 'external',\n",
        insert: "    'dns.question.labels': name.split('.').length,\n",
      },
    },
    {
      file: 'docs/record.md',
      what: 'the limits of size, if the field is in the sample record: bytes are the bill',
      change: {
        replace: '| 1,650 | 905 |\n| Resolver record with two answers | 2,150 | 949 |',
        by: '| 1,680 | 935 |\n| Resolver record with two answers | 2,180 | 979 |',
      },
    },
    {
      file: 'CHANGELOG.md',
      what: 'a line',
      change: { after: '## [Unreleased]\n', insert: '\n- A dummy field.\n' },
    },
  ],
  golden: [],
  changesAllGolden: true,
  tests: [
    'test/core/question',
    'test/core/record',
    'test/scripts/rivals',
    'test/scripts/docs',
    'test/dynatrace',
    'test/readme/tables',
  ],
};
