// `npm run test:cost`: what the known attacks and the worst shapes that were found cost, each in a process of its own; exits
// with 1 if one misses the goal. `--search` searches for worse ones. `--bundle` and `--node` choose others.
import { existsSync, readFileSync } from 'node:fs';
import { parseArgs } from 'node:util';
import { bundleUrl } from '../../../src/cli/lib/io/bundle.ts';
import { print, progress, table } from '../../../src/cli/terminal.ts';
import { ATTACKS } from './attacks.ts';
import { type Cost, idleKb, measure } from './measure.ts';
import { isOverGoal, SEARCH, searchCosts } from './search.ts';
import type { Shape } from './shape.ts';

const { values } = parseArgs({
  options: {
    bundle: { type: 'string', default: SEARCH.bundle },
    node: { type: 'string', multiple: true, default: [...SEARCH.nodes] },
    only: { type: 'string', default: '' },
    search: { type: 'boolean', default: false },
    shapes: { type: 'string', default: String(SEARCH.shapes) },
    dearest: { type: 'string', default: String(SEARCH.dearest) },
    seed: { type: 'string', default: String(SEARCH.seed) },
  },
});

const WORST = 'scripts/tools/cost/worst.json';
const found = existsSync(WORST) ? (JSON.parse(readFileSync(WORST, 'utf8')) as readonly Shape[]) : [];

const cells = ({ cpuMs, memoryMb, rewritten, fault }: Cost): readonly string[] => [
  fault ?? (cpuMs / 1000).toFixed(1),
  memoryMb.toFixed(0),
  String(rewritten),
];

/** Measures every known shape; false where one misses the goal. */
async function measureKnown(): Promise<boolean> {
  const rows: (readonly string[])[] = [];
  let isMet = true;
  for (const node of values.node) {
    const runner = { bundle: bundleUrl(values.bundle), node, memoryMb: 512 };
    const idle = await idleKb(runner);
    for (const shape of [...ATTACKS, ...found].filter(({ name }) => name.includes(values.only))) {
      const cost = await measure(runner, shape, idle);
      isMet &&= !isOverGoal(cost);
      rows.push([shape.name, node, (cost.requestBytes / 1e6).toFixed(2), ...cells(cost)]);
      progress(rows.at(-1)?.join(' | ') ?? '');
    }
  }
  print(table(['shape', 'node', 'request MB', 'CPU s', 'peak MB', 'rewritten'], rows));
  return isMet;
}

const { bundle, node: nodes } = values;
const [shapes, dearest, seed] = [values.shapes, values.dearest, values.seed].map(Number) as [
  number,
  number,
  number,
];
const isMet = values.search
  ? await searchCosts({ ...SEARCH, bundle, nodes, shapes, dearest, seed })
  : await measureKnown();
process.exitCode = isMet ? 0 : 1;
