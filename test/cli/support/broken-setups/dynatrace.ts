// Breaks in Dynatrace.
import { readFileSync } from 'node:fs';
import type { JsonObject } from '../../../../src/core/util/json.ts';
import { RECORD_KEY } from '../complete-setup.ts';
import type { BrokenSetup, Run } from './broken-setup.ts';

const PIPELINES = 'builtin:openpipeline.logs.pipelines';
const ROUTING = 'builtin:openpipeline.logs.routing';
const OTHER_KEY = 'fedcba9876543210';

const object = ({ dynatrace }: Run, schema: string) => {
  const found = dynatrace.settings.objects.find(({ schemaId }) => schemaId === schema);
  if (found === undefined) throw new Error(`there is no object of ${schema}`);
  return found;
};

const withPipeline = (change: (value: JsonObject) => JsonObject) => (run: Run) => {
  const stored = object(run, PIPELINES);
  stored.value = change(stored.value);
};

const withRoutes = (change: (entries: readonly JsonObject[]) => readonly JsonObject[]) => (run: Run) => {
  const stored = object(run, ROUTING);
  stored.value = {
    ...stored.value,
    routingEntries: change(stored.value.routingEntries as readonly JsonObject[]),
  };
};

const document = ({ dynatrace }: Run) => {
  const [found] = dynatrace.platform.documents;
  if (found === undefined) throw new Error('there is no document');
  return found;
};

/** An enabled route of others. */
const THEIRS: JsonObject = {
  description: "Lambda's",
  enabled: true,
  pipelineType: 'builtin',
  builtinPipelineId: 'default',
  matcher: 'true',
};

const shipped = (): JsonObject =>
  JSON.parse(readFileSync('dynatrace/openpipeline-processor.json', 'utf8'))[0].value;

const withText = (value: JsonObject, from: string | RegExp, to: string): JsonObject =>
  JSON.parse(JSON.stringify(value).replaceAll(from, to));

/** The environment. */
export const DYNATRACE: readonly BrokenSetup[] = [
  {
    name: 'no pipeline',
    break: ({ dynatrace }) => dynatrace.settings.objects.splice(0),
    check: 'Dynatrace pipeline',
    fix: 'mends',
  },
  {
    name: 'no pipeline beside routes of others',
    break: ({ dynatrace }) => {
      dynatrace.settings.objects.splice(0);
      dynatrace.settings.create(ROUTING, { routingEntries: [THEIRS] });
    },
    check: 'Dynatrace pipeline',
    fix: 'mends',
  },
  {
    name: 'a pipeline of another version',
    break: withPipeline((value) => ({ ...value, processing: { processors: [] } })),
    check: 'Dynatrace pipeline',
    fix: 'mends',
  },
  {
    name: 'a pipeline that only its owner sees',
    break: (run) => {
      object(run, PIPELINES).isShared = false;
    },
    check: 'Dynatrace pipeline',
    fix: 'mends',
  },
  {
    name: 'another pipeline for our records',
    break: (run) =>
      run.dynatrace.settings.create(PIPELINES, {
        ...object(run, PIPELINES).value,
        customId: 'pipeline_old',
        displayName: 'Old',
      }),
    check: 'Dynatrace pipeline',
    fix: 'says',
  },
  {
    name: 'the shipped file without a key',
    break: withPipeline(shipped),
    check: 'Dynatrace record key',
    fix: 'mends',
  },
  {
    name: 'the shipped file without a key, ahead of a route of others',
    break: (run) => {
      withPipeline(shipped)(run);
      withRoutes((entries) => [...entries, THEIRS])(run);
    },
    check: 'Dynatrace record key',
    fix: 'mends',
  },
  {
    name: 'a pipeline that asks for no key',
    break: async ({ apply }) => apply('--no-record-key'),
    check: 'Dynatrace record key',
    fix: 'mends',
  },
  {
    name: 'a pipeline that asks for another key',
    break: withPipeline((value) => withText(value, RECORD_KEY, OTHER_KEY)),
    check: 'Dynatrace record key',
    fix: 'mends',
  },
  {
    name: 'a pipeline that asks for a key where the function writes none',
    break: ({ account }) => {
      account.state.isOld = true;
    },
    check: 'Dynatrace record key',
    fix: 'says',
  },
  { name: 'no route', break: withRoutes(() => []), check: 'Dynatrace route', fix: 'mends' },
  {
    name: 'no route beside those of others',
    break: withRoutes(() => [THEIRS]),
    check: 'Dynatrace route',
    fix: 'shows',
  },
  {
    name: 'a disabled route',
    break: withRoutes(([own]) => [{ ...own, enabled: false }]),
    check: 'Dynatrace route',
    fix: 'mends',
  },
  {
    name: 'a route that asks for something else',
    break: withRoutes(([own]) => [{ ...own, matcher: 'false' }]),
    check: 'Dynatrace route',
    fix: 'mends',
  },
  {
    name: 'a route behind another',
    break: withRoutes((entries) => [THEIRS, ...entries]),
    check: 'Dynatrace route',
    fix: 'mends',
  },
  {
    name: 'no dashboard',
    break: ({ dynatrace }) => dynatrace.platform.documents.splice(0),
    check: 'Dynatrace dashboard',
    fix: 'mends',
  },
  {
    name: 'a private dashboard',
    break: (run) => {
      document(run).isPrivate = true;
    },
    check: 'Dynatrace dashboard',
    fix: 'mends',
  },
  {
    name: 'a dashboard of another version',
    break: (run) => {
      document(run).content = { tiles: { 0: { query: 'fetch logs' } } };
    },
    check: 'Dynatrace dashboard',
    fix: 'mends',
  },
  {
    name: 'a processor that does not match its own sample',
    break: (run) =>
      withPipeline((value) =>
        withText(value, /("sampleData":"[^}]*?dns\.key[^:]*:[^0-9a-z]*)[0-9a-z]+/g, '$1x'),
      )(run),
    check: 'Dynatrace preview',
    fix: 'says',
  },
  {
    name: 'a processor that makes no attributes',
    break: (run) => withPipeline((value) => withText(value, 'dns.question.name', 'dns.other'))(run),
    check: 'Dynatrace preview',
    fix: 'says',
  },
  {
    name: 'no records',
    break: ({ dynatrace }) => {
      dynatrace.platform.arrivals.lifted = 0;
    },
    check: 'Dynatrace records',
    fix: 'says',
  },
  {
    name: 'records as text',
    break: ({ dynatrace }) => {
      dynatrace.platform.arrivals.text = 3;
    },
    check: 'Dynatrace records',
    fix: 'says',
  },
];
