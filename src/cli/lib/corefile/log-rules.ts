// What the log directives of a server block cover. CoreDNS uses the first rule whose zone contains the name, and logs
// nothing if the class of the response is not among that rule's classes.
// https://github.com/coredns/coredns/blob/master/plugin/log/setup.go
import type { Block, Directive } from './parse.ts';
import { isWithin, nameOf, usesEnvironment, withoutEnvironment, zonesOf } from './zones.ts';

/** One log directive. */
export type LogRule = {
  readonly directive: Directive;
  /** Zones of the names that it is for; undefined for one that an environment variable sets. */
  readonly zones: readonly (string | undefined)[];
  /** The classes of responses that it logs; undefined = all. */
  readonly classes: readonly string[] | undefined;
  /** Undefined for CoreDNS's default. */
  readonly format: string | undefined;
};

const CLASSES = ['success', 'denial', 'error'];

/** A log directive as CoreDNS reads it: the last of two or more arguments is a FORMAT if it contains a brace. */
export function logRule(directive: Directive): LogRule {
  const args = directive.args.map(({ text }) => text);
  const last = args.at(-1) ?? '';
  const isFormat = args.length > 1 && (last.includes('{') || usesEnvironment(last));
  const names = isFormat ? args.slice(0, -1) : args;
  const classes = directive.lines
    .filter(([word]) => word?.text === 'class')
    .flatMap((line) => line.slice(1).map(({ text }) => text));
  const logsAll =
    classes.length === 0 || classes.includes('all') || CLASSES.every((name) => classes.includes(name));
  return {
    directive,
    zones:
      names.length === 0 ? ['.'] : names.map((name) => (usesEnvironment(name) ? undefined : nameOf(name))),
    classes: logsAll ? undefined : classes,
    format: isFormat ? last : undefined,
  };
}

/** The rules of a block, in CoreDNS's order. */
export const logRules = ({ directives }: Block): readonly LogRule[] =>
  directives.filter(({ name }) => name === 'log').map(logRule);

type Zone = string | undefined;

// The zone of a CIDR range is not its text, so only the root zone is sure to contain it.
const contains = (outer: Zone, inner: Zone): boolean =>
  outer === '.' ||
  (outer !== undefined && inner !== undefined && !inner.includes('/') && isWithin(inner, outer));

const mayOverlap = (a: Zone, b: Zone): boolean =>
  a === undefined || b === undefined || b.includes('/') || contains(a, b) || contains(b, a);

/** Whether a rule is for every name of a zone. */
const coversZone = ({ zones }: LogRule, zone: Zone): boolean => zones.some((own) => contains(own, zone));

/** Whether a rule is for any name of a block that no earlier rule of all classes takes. */
function isReached(rules: readonly LogRule[], rule: LogRule, block: Block): boolean {
  const earlier = rules.slice(0, rules.indexOf(rule)).filter(({ classes }) => classes === undefined);
  return zonesOf(block).some((zone) =>
    rule.zones.some(
      (own) => mayOverlap(own, zone) && !earlier.some((one) => coversZone(one, zone) || coversZone(one, own)),
    ),
  );
}

/** The rules that keep responses to queries of the block out of the log. */
export function limitedRules(block: Block): readonly LogRule[] {
  const rules = logRules(block);
  return rules.filter((rule) => rule.classes !== undefined && isReached(rules, rule, block));
}

/** Whether a block has, for each of its zones, a rule that is for all names. */
export const coversAllNames = (block: Block): boolean =>
  zonesOf(block).every((zone) => logRules(block).some((rule) => coversZone(rule, zone)));

/** Whether a block logs every query that reaches it. */
export const logsAll = (block: Block): boolean => coversAllNames(block) && limitedRules(block).length === 0;

/** Whether an imported file, which is not read, may have a log directive that comes before all of the block's own. */
export function mayBeOverridden(block: Block): boolean {
  const { directives } = block;
  const full = logRules(block).find((rule) => zonesOf(block).every((zone) => coversZone(rule, zone)));
  const before = full === undefined ? directives : directives.slice(0, directives.indexOf(full.directive));
  return before.some(isUnread);
}

/** Whether a directive is one that may log, and that is not known here: an imported file, or an environment variable. */
export const isUnread = ({ name }: Directive): boolean =>
  name === 'import' || (usesEnvironment(name) && withoutEnvironment(name) === '');

/** What a block logs: `does not log`, `logs only class denial error`, `logs only names in example.org`. */
export function describeLog(block: Block): string {
  const rules = logRules(block);
  if (rules.length === 0) return 'does not log';
  if (logsAll(block)) return 'logs every query';
  const parts = rules.map(({ zones, classes }) =>
    [
      ...(zones.includes('.')
        ? []
        : [`names in ${zones.map((zone) => zone ?? 'an unknown zone').join(', ')}`]),
      ...(classes === undefined ? [] : [`responses of class ${classes.join(', ')}`]),
    ].join(' with '),
  );
  return `logs only ${parts.filter((part) => part !== '').join('; ')}`;
}
