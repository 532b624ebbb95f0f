import type { Recipe } from './recipe.ts';

/** A setting: an environment variable, and a template parameter of the same meaning. */
export const SETTING: Recipe = {
  name: 'setting',
  title: 'a setting',
  maxFiles: 4,
  steps: [
    {
      file: 'src/core/model/settings.ts',
      what: 'a member of `Settings`',
      change: {
        after: '  readonly responseBudgetBytes: number;\n',
        insert: '  readonly exampleLimit: number;\n',
      },
    },
    {
      file: 'src/core/model/settings.ts',
      what: 'its default in `DEFAULT_SETTINGS`',
      change: { after: '  responseBudgetBytes: 5_500_000,\n', insert: '  exampleLimit: 7,\n' },
    },
    {
      file: 'src/lambda/config.ts',
      what: 'a row of `VARIABLES`: the variable and how it is checked; the compiler reports a missing one',
      change: {
        after: '  RESPONSE_BUDGET_BYTES: integer(100_000, 6_000_000).default(D.responseBudgetBytes),\n',
        insert: '  EXAMPLE_LIMIT: integer(1, 9).default(D.exampleLimit),\n',
      },
    },
    {
      file: 'src/lambda/config.ts',
      what: 'the member that it sets',
      change: {
        after: '  responseBudgetBytes: env.RESPONSE_BUDGET_BYTES,\n',
        insert: '  exampleLimit: env.EXAMPLE_LIMIT,\n',
      },
    },
    {
      file: 'template.yaml',
      what: 'a parameter with the same default and limits',
      change: {
        before: '  LogLevel:\n    Type: String\n',
        insert: `  ExampleLimit:
    Type: Number
    Default: 7
    MinValue: 1
    MaxValue: 9
    Description: A dummy limit, for the recipes.
`,
      },
    },
    {
      file: 'template.yaml',
      what: 'the parameter in its group',
      change: { after: '          - ResponseBudgetBytes\n', insert: '          - ExampleLimit\n' },
    },
    {
      file: 'template.yaml',
      what: 'the variable of the function',
      change: {
        after: '          RESPONSE_BUDGET_BYTES: !Ref ResponseBudgetBytes\n',
        insert: '          EXAMPLE_LIMIT: !Ref ExampleLimit\n',
      },
    },
    {
      file: 'docs/settings.md',
      what: 'a row',
      change: {
        before: '| `LOG_LEVEL` |',
        insert: '| `EXAMPLE_LIMIT` | `ExampleLimit` | `7` | a dummy limit, 1 to 9 |\n',
      },
    },
  ],
  golden: [],
  changesAllGolden: false,
  tests: ['test/lambda/config', 'test/template', 'test/readme/tables'],
};
