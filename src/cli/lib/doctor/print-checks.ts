import { paint, print, type Style } from '../../terminal.ts';
import type { Check, CheckState } from './check.ts';

const STATE_STYLE: Record<CheckState, readonly [word: string, style: Style]> = {
  ok: ['ok', 'green'],
  missing: ['MISSING', 'red'],
  warning: ['warning', 'yellow'],
  unknown: ['unknown', 'cyan'],
};

/**
 * The lines of checks: one each, with impact and fix below where there is something to do. What follows from another result
 * is grey, without a fix of its own. `style` colours a part; by default nothing.
 */
export function linesOf(
  checks: readonly Check[],
  style: (name: Style, text: string) => string = (_, text) => text,
): readonly string[] {
  return checks.flatMap(({ name, state, observed, impact, fix, because }) => {
    if (because !== undefined)
      return [style('dim', `${state.padEnd(8)} ${name}: ${observed} (follows from: ${because})`)];
    const [word, colour] = STATE_STYLE[state];
    return [
      `${style(colour, word.padEnd(8))} ${name}: ${observed}`,
      ...(impact === undefined ? [] : [`         ${style('dim', 'impact')} ${impact}`]),
      ...(fix === undefined ? [] : [`         ${style('dim', 'fix')}    ${style('bold', fix)}`]),
    ];
  });
}

/** Prints checks to stdout. */
export function printChecks(checks: readonly Check[]): void {
  for (const line of linesOf(checks, paint)) print(line);
}
