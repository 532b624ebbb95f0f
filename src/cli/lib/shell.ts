// Commands as they are printed: every word as a shell reads it again.

/** Options of a command by name: a value, or true for a flag; those that are undefined are left out. */
export type CommandOptions = Readonly<Record<string, string | true | undefined>>;

/** One word of a command; quoted where the shell would read it as something else: `'it'\''s'`. */
export const shellWord = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", `'\\''`)}'`;

/** The command with these words and options: `eks-dns subscribe --log-group '/a b' --dry-run`. */
export function commandLine(words: readonly string[], options: CommandOptions = {}): string {
  const given = Object.entries(options).flatMap(([name, value]) =>
    value === undefined ? [] : value === true ? [`--${name}`] : [`--${name}`, value],
  );
  return [...words, ...given].map(shellWord).join(' ');
}

/** Whether a fix is a command as a whole. In any other text, commands stand between backticks. */
const isCommand = (fix: string): boolean => /^(?:\(cd|eks-dns|aws|kubectl|sam) /.test(fix);

/** A fix as part of a sentence. */
export const inSentence = (fix: string): string => (isCommand(fix) ? `\`${fix}\`` : fix);
