import { paint, print, type Style, table } from '../../terminal.ts';
import { type Cost, costText } from './cost.ts';
import type { PlannedStep, SetupPlan } from './plan.ts';
import type { Change } from './step.ts';

const STYLES: Record<Change['action'], Style> = { create: 'green', change: 'yellow', delete: 'red' };

/** Whether there is anything to do. */
export const hasChanges = ({ steps }: Pick<SetupPlan, 'steps'>): boolean =>
  steps.some(({ changes }) => changes.length > 0);

/** Prints the plan: first the diffs, so that resources, commands and cost stand right above the question. */
export function printPlan({ steps, situation }: SetupPlan, cost: Cost | undefined): void {
  for (const { detail, changes } of steps)
    if (detail !== undefined && detail !== '' && changes.length > 0) print(`${detail}\n`);
  const goal = situation.options.undo === true ? 'take back the setup of' : 'set up';
  print(paint('bold', `plan: ${goal} cluster ${situation.cluster.name}`));
  const settled = steps.filter(isSettled).map(({ name }) => name);
  if (settled.length > 0) print(`nothing to do: ${settled.join(', ')}`);
  for (const step of steps) if (!isSettled(step)) printStep(step);
  if (cost !== undefined) print(`\ncost: ${costText(cost)}`);
}

/** Whether there is nothing to do and nothing to say. */
const isSettled = ({ changes, notes = [], blocked }: PlannedStep): boolean =>
  changes.length + notes.length === 0 && blocked === undefined;

function printStep({ name, changes, command, notes = [], blocked }: PlannedStep): void {
  const state = blocked !== undefined ? paint('red', 'BLOCKED') : changes.length === 0 ? 'nothing to do' : '';
  print(`\n${paint('bold', name)}${state === '' ? '' : `: ${state}`}`);
  if (blocked !== undefined) print(`  ${blocked.reason}`);
  if (blocked?.remedy !== undefined) print(`  ${paint('green', 'fix:')} ${blocked.remedy}`);
  const rows = changes.map(({ action, where, resource }) => [
    `  ${paint(STYLES[action], action)}`,
    where,
    resource,
  ]);
  if (rows.length > 0) print(table(['', '', ''], rows).split('\n').slice(1).join('\n'));
  if (changes.length > 0 && command !== undefined) print(paint('dim', `  $ ${command}`));
  for (const note of notes) print(`  note: ${note}`);
}
