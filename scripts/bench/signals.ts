// `npm run bench:signals`: signals of harmless names and of tunnels.
import { createRandom } from '../../src/cli/lib/simulate/random.ts';
import { table } from '../../src/cli/terminal.ts';
import type { Signal } from '../../src/core/model/signal.ts';
import { domainInfo } from '../../src/core/question/domain.ts';
import { nameSignals } from '../../src/core/question/signals.ts';
import { HARMLESS_KINDS, harmlessNames, KNOWN_TO_RAISE } from './harmless-names.ts';
import { REAL_TUNNELS, SLOW_TUNNELS, TUNNELS } from './tunnel-names.ts';

const COLUMNS: readonly Signal[] = ['long-name', 'deep-name', 'high-entropy', 'hex-label', 'punycode'];
const PER_SHAPE = 500;
const PER_TUNNEL = 5000;

const random = createRandom(7);
const rows: string[][] = [];
const harmless = HARMLESS_KINDS.map((kind) => harmlessNames(random, kind, PER_SHAPE));
for (const [i, kind] of HARMLESS_KINDS.entries()) addRow(`harmless: ${kind}`, harmless[i] ?? []);
addRow('harmless, all', harmless.flat());
const wrong = harmless.flat().filter((name) => signalsOf(name).length > 0).length;
for (const kind of Object.keys(KNOWN_TO_RAISE))
  addRow(`known to raise: ${kind}`, harmlessNames(random, kind, PER_SHAPE));
for (const { name, make } of TUNNELS) addRow(`tunnel: ${name}`, sample(make));
for (const { name, make } of REAL_TUNNELS) addRow(`data: ${name}`, sample(make));
for (const { name, make } of SLOW_TUNNELS) addRow(`slow: ${name}`, sample(make));
console.log(table(['names', 'count', ...COLUMNS, 'any'], rows));
console.log(`Harmless names with a signal: ${wrong} of ${harmless.flat().length}.`);
console.log('Shares of names with a signal. Slow tunnels are detected by counting names per domain instead.');
reportSpeed(harmless.flat());

function sample(make: (source: typeof random) => string): string[] {
  return Array.from({ length: PER_TUNNEL }, () => make(random));
}

function signalsOf(name: string): readonly Signal[] {
  return nameSignals(name, domainInfo(name));
}

function addRow(label: string, names: readonly string[]): void {
  const raised = names.map(signalsOf);
  const share = (test: (signals: readonly Signal[]) => boolean): string =>
    `${((100 * raised.filter(test).length) / names.length).toFixed(2)} %`;
  const columns = COLUMNS.map((column) => share((signals) => signals.includes(column)));
  rows.push([label, String(names.length), ...columns, share((signals) => signals.length > 0)]);
}

function reportSpeed(names: readonly string[]): void {
  const known = names.map((name) => [name, domainInfo(name)] as const);
  const start = performance.now();
  for (const [name, domain] of known) nameSignals(name, domain);
  const micros = ((performance.now() - start) * 1000) / known.length;
  console.log(`${micros.toFixed(2)} µs per distinct name (once per name and batch).`);
}
