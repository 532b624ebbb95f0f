// `npm run bench`: measures all sections and compares the results with the targets. `--json` prints JSON,
// `--only <section>` runs one section.
import { existsSync } from 'node:fs';
import { cpus, loadavg } from 'node:os';
import { parseArgs } from 'node:util';
import { fail, print, printJson, progress, reportError, table } from '../../src/cli/terminal.ts';
import { measureAdversarialLines } from './adversarial.ts';
import { measureColdStart } from './cold-start.ts';
import { measureCommandLine } from './command-line.ts';
import { measureDirectory } from './directory.ts';
import { measureFactors } from './factors.ts';
import { measureFamily } from './family.ts';
import { measureFleet } from './fleet.ts';
import { measureGzipOptions } from './gzip-options.ts';
import { measureMemory } from './memory.ts';
import { measureScaling } from './scaling.ts';
import type { Findings, Section, Verdict } from './section.ts';
import { fixed } from './setup.ts';
import { measureStages } from './stages.ts';

const SECTIONS: Readonly<Record<string, Section>> = {
  family: {
    title: 'The transform compared with its floor and the straightforward version',
    measure: measureFamily,
  },
  factors: { title: 'What in a batch costs it', measure: measureFactors },
  gzip: { title: 'Uses of zlib', measure: measureGzipOptions },
  stages: { title: 'Where the time goes', measure: measureStages },
  scaling: { title: 'Large batches, large clusters', measure: measureScaling },
  cold: { title: 'Cold start', measure: measureColdStart },
  fleet: { title: 'A fleet of copies on one cluster', measure: measureFleet },
  memory: { title: 'Memory and cost', measure: measureMemory },
  lines: { title: 'Hostile lines', measure: async () => linesFindings() },
  transform: { title: 'The command transform over long logs', measure: measureCommandLine },
  directory: { title: 'A directory of 15,000 pods', measure: directoryFindings },
};

function linesFindings(): Findings {
  const figures = measureAdversarialLines();
  const rows = figures.map(({ name, smallMs, largeMs, growth }) => [
    name,
    fixed(smallMs, 3),
    fixed(largeMs, 3),
    fixed(growth),
  ]);
  return { figures, text: table(['hostile line', '16 KB ms', '1 MB ms', 'growth / 64'], rows), verdicts: [] };
}

async function directoryFindings(): Promise<Findings> {
  const figures = await measureDirectory();
  const { pods, heapMb, heapGoalMb, firstLoadMs, refreshMs, jsonMb } = figures;
  const rows = [
    ['heap', `${fixed(heapMb, 1)} MB`],
    [`first load, ${fixed(jsonMb, 0)} MB of JSON over TLS`, `${fixed(firstLoadMs, 0)} ms`],
    ['refresh with 300 changed pods, a watch of a second', `${fixed(refreshMs, 0)} ms`],
  ];
  return {
    figures,
    text: table([`${pods} pods, 1000 nodes`, ''], rows),
    verdicts: [
      {
        target: `${pods} pods <= ${heapGoalMb} MB of heap`,
        found: `${fixed(heapMb, 1)} MB`,
        isMet: heapMb <= heapGoalMb,
      },
    ],
  };
}

const verdictTable = (verdicts: readonly Verdict[]): string =>
  table(
    ['target', 'found', ''],
    verdicts.map(({ target, found, isMet }) => [target, found, isMet ? 'met' : 'missed']),
  );

/** Properties of the machine that affect the figures. */
const machine = () => ({
  node: process.version,
  cpu: cpus()[0]?.model ?? 'unknown',
  cores: cpus().length,
  loadAverage: loadavg()[0],
});

async function main(): Promise<void> {
  const { values } = parseArgs({ options: { json: { type: 'boolean' }, only: { type: 'string' } } });
  const { json = false, only } = values;
  const chosen = Object.entries(SECTIONS).filter(([name]) => only === undefined || name === only);
  if (chosen.length === 0) {
    throw fail(`there is no section "${only}"`, `use --only with one of ${Object.keys(SECTIONS).join(', ')}`);
  }
  if (!existsSync('dist/index.mjs')) throw fail('dist/index.mjs is not built', 'run: npm run build');
  const before = machine();
  const startMs = performance.now();
  const sections: Record<string, unknown> = {};
  const verdicts: Verdict[] = [];
  if (!json)
    print(`Node ${before.node}, ${before.cores} x ${before.cpu}, load ${before.loadAverage?.toFixed(1)}`);
  for (const [name, { title, measure }] of chosen) {
    const found = await measure();
    sections[name] = found.figures;
    verdicts.push(...found.verdicts);
    if (!json) print(`\n## ${title}\n\n${found.text}`);
  }
  if (json) printJson({ machine: before, sections, verdicts });
  else if (verdicts.length > 0) print(`\n## Targets\n\n${verdictTable(verdicts)}`);
  progress(`${fixed((performance.now() - startMs) / 1000, 0)} s, load ${machine().loadAverage?.toFixed(1)}`);
}

try {
  await main();
} catch (error) {
  process.exitCode = reportError(error);
}
