import { readFileSync } from 'node:fs';
import type { JsonRecord } from '../../../src/cli/lib/io/firehose-response.ts';
import type { LeanReason } from '../../../src/core/model/record-fields/field.ts';
import { RECORD_FIELDS } from '../../../src/core/model/record-fields/index.ts';
import { LEAN } from '../../../src/core/model/record-fields/omission.ts';
import { METRICS } from '../../../src/lambda/metrics.ts';
import { publicRulesTable } from '../dynatrace/public-rules.ts';
import { queryLibrary, questionOf } from '../dynatrace/query-library.ts';
import type { Recipe } from '../recipes/recipe.ts';
import { RECIPES } from '../recipes/recipes.ts';
import type { Regions } from './regions.ts';
import { readSample, type Sample } from './samples.ts';

/** The fields that the README shows of the sample record. */
const EXCERPT = [
  'timestamp',
  'log.source',
  'dns.question.name',
  'dns.question.type',
  'dns.question.category',
  'dns.response_code',
  'client.ip',
  'dns.client.kind',
  'dns.client.attribution',
  'k8s.cluster.name',
  'k8s.namespace.name',
  'k8s.workload.kind',
  'k8s.workload.name',
  'k8s.pod.name',
  'k8s.node.name',
  'dns.resolver.pod',
];

const fenced = (language: string, text: string): string => `\`\`\`${language}\n${text}\n\`\`\``;
const json = (value: unknown): string => fenced('json', JSON.stringify(value, null, 2));
const grouped = (count: number): string => count.toLocaleString('en');

const lineBytes = ({ line }: Sample): number => Buffer.byteLength(line);
const factor = (sample: Sample): string => (sample.recordBytes / lineBytes(sample)).toFixed(1);

/** Text of every generated region of the documents, by name. */
export async function documentRegions(): Promise<Regions> {
  const bare = await readSample('01-coredns-query');
  const lean = await readSample('01-coredns-query', { OMIT: LEAN });
  const resolver = await readSample('02-resolver-query');
  const wrapped = await readSample('03-container-insights');
  return {
    'sample-line': fenced('', bare.line),
    'sample-record': json(bare.record),
    'sample-excerpt': json(excerpt(bare.record)),
    'sample-fields': String(Object.keys(bare.record).length),
    'excerpt-fields': String(EXCERPT.length),
    sizes: sizeTable([
      ['bare CoreDNS line', bare],
      ['the same with `OMIT=lean`', lean],
      ["CoreDNS line in Container Insights' wrapper", wrapped],
      ['Resolver record (a CNAME and two addresses)', resolver],
    ]),
    'lean-fields': leanTable(),
    'public-rules': publicRulesTable(),
    'bytes-bare': grouped(bare.recordBytes),
    'bytes-lean': grouped(lean.recordBytes),
    'bytes-resolver': grouped(resolver.recordBytes),
    'factor-bare': factor(bare),
    'factor-wrapped': factor(wrapped),
    'share-saved': shareSaved(readFileSync('docs/cost.md', 'utf8')),
    metrics: metricTable(),
    'metric-count': String(METRICS.length),
    queries: queryTable(),
    ...Object.fromEntries(RECIPES.map((recipe) => [`recipe-${recipe.name}`, recipeTable(recipe)])),
  };
}

function excerpt(record: JsonRecord): JsonRecord {
  const missing = EXCERPT.filter((name) => !(name in record));
  if (missing.length > 0) throw new Error(`the sample record has no ${missing.join(', ')}`);
  return Object.fromEntries(EXCERPT.map((name) => [name, record[name]]));
}

/** Bytes that Dynatrace gets with the settings that save most, in per cent of those that CloudWatch got; from docs/cost.md. */
function shareSaved(costs: string): string {
  const row = costs.split('\n').find((line) => line.startsWith('| `AGGREGATE=lookup` `OMIT=lean` |'));
  const [ingested = Number.NaN, cloudWatch = Number.NaN] = [3, 5].map((column) =>
    Number.parseFloat(row?.split('|')[column] ?? ''),
  );
  if (Number.isNaN(ingested / cloudWatch)) throw new Error('docs/cost.md has no such row');
  return String(Math.round((100 * ingested) / cloudWatch));
}

function sizeTable(samples: readonly (readonly [name: string, sample: Sample])[]): string {
  const rows = samples.map(
    ([name, sample]) =>
      `| ${name} | ${grouped(lineBytes(sample))} | ${grouped(sample.recordBytes)} | ${factor(sample)} |`,
  );
  return ['| sample | bytes of the line | bytes of the record | factor |', '|---|---|---|---|', ...rows].join(
    '\n',
  );
}

const LEAN_REASONS: Readonly<Record<LeanReason, string>> = {
  'other-fields': 'other fields',
  entity: 'Dynatrace’s entity of the pod, cluster or instance',
  envelope: 'the envelope, from which Dynatrace’s endpoint reads it; kept with `OUTPUT_FORMAT=ndjson`',
  transport: 'nothing: they belong to one packet, and no query of `dynatrace/` needs them',
};

/** The fields that `OMIT=lean` leaves out, by what tells them. */
function leanTable(): string {
  const rows = Object.entries(LEAN_REASONS).map(([reason, text]) => {
    const fields = RECORD_FIELDS.filter(({ leanWithout }) => leanWithout === reason);
    return `| ${fields.map(({ name }) => `\`${name}\``).join(', ')} | ${text} |`;
  });
  return ['| left out by `lean` | told by |', '|---|---|', ...rows].join('\n');
}

function metricTable(): string {
  const rows = METRICS.map(
    ({ name, unit, description }) => `| \`${name}\` | ${unit.toLowerCase()} | ${description} |`,
  );
  return ['| metric | unit | meaning |', '|---|---|---|', ...rows].join('\n');
}

/** The files that a recipe touches, with everything that is done in each. */
function recipeTable({ steps }: Recipe): string {
  const files = [...new Set(steps.map(({ file }) => file))];
  const rows = files.map((file) => {
    const done = steps.filter((step) => step.file === file).map(({ what }) => what);
    return `| \`${file.replace('example', '<name>')}\` | ${done.join('; ')} |`;
  });
  return ['| file | what |', '|---|---|', ...rows].join('\n');
}

function queryTable(): string {
  const rows = [...queryLibrary()].map(([name, query]) => `| \`${name}\` | ${questionOf(query)} |`);
  return ['| Query | Question |', '|---|---|', ...rows].join('\n');
}
