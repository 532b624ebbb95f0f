import { paint, print, type Style } from '../../terminal.ts';
import type { Check, CheckState } from './check.ts';

const STATE_STYLE: Record<CheckState, readonly [word: string, style: Style]> = {
  ok: ['ok', 'green'],
  missing: ['MISSING', 'red'],
  warning: ['warning', 'yellow'],
  unknown: ['unknown', 'cyan'],
};

/**
 * Prints checks to stdout: one line each, with impact and fix below where there is something to do. What follows from
 * another failure is grey, without a fix of its own.
 */
export function printChecks(checks: readonly Check[]): void {
  for (const { name, state, observed, impact, fix, because } of checks) {
    if (because !== undefined) {
      print(paint('dim', `missing  ${name}: ${observed} (follows from: ${because})`));
      continue;
    }
    const [word, style] = STATE_STYLE[state];
    print(`${paint(style, word.padEnd(8))} ${name}: ${observed}`);
    if (impact !== undefined) print(`         ${paint('dim', 'impact')} ${impact}`);
    if (fix !== undefined) print(`         ${paint('dim', 'fix')}    ${paint('bold', fix)}`);
  }
}
