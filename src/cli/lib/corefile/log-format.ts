// Whether a FORMAT can stand in a Corefile, so that CoreDNS prints lines that can be read.
import { compileFormat } from '../../../core/sources/coredns/format.ts';
import { logRule } from './log-rules.ts';
import { parseCorefile } from './parse.ts';
import { withoutEnvironment } from './zones.ts';

/** A text as a quoted token. Not every text can be one: in quotes, a backslash before a quote always escapes it. */
export const quoted = (text: string): string => `"${text.replaceAll('"', '\\"')}"`;

/**
 * What CoreDNS would do with `log . <token>` if that is not what the FORMAT says; undefined if it is. The token is the
 * FORMAT in quotes, unless given.
 */
export function corefileProblem(format: string, token = quoted(format)): string | undefined {
  if (/[\r\n]/.test(format))
    return 'it contains a newline: CoreDNS would print every query on two lines, and log shippers take each line for an event';
  const environment = withoutEnvironment(format);
  if (environment !== format)
    return 'CoreDNS would replace {$NAME} and {%NAME%} by environment variables: write their values instead';
  if (!format.includes('{'))
    return 'CoreDNS takes an argument without { for a zone, and would log the names of that zone only';
  return readsBack(format, token)
    ? undefined
    : 'CoreDNS would not load it or read another text: in a Corefile, a quoted text cannot be a lone brace, end in a backslash, or have a backslash before a quote';
}

/** Whether the block that would be written is read as a log directive with exactly this FORMAT. */
function readsBack(format: string, token: string): boolean {
  try {
    const { blocks } = parseCorefile(`. {\n    log . ${token} # comment\n    whoami\n}\n`);
    const [log, whoami, ...more] = blocks[0]?.directives ?? [];
    if (log === undefined || whoami?.name !== 'whoami' || more.length > 0 || blocks.length !== 1)
      return false;
    return logRule(log).format === format && log.args.length === 2;
  } catch {
    return false;
  }
}

/** Why lines of a FORMAT cannot be used; undefined if they can. */
export function formatProblem(format: string): string | undefined {
  const problem = corefileProblem(format);
  if (problem !== undefined) return problem;
  const compiled = compileFormat(quoted(format));
  return compiled.ok ? undefined : compiled.message;
}
