// Generated parts of Markdown files, between comments that a reader does not see:
//   a record of <!-- generated: bytes-bare -->1,637<!-- end --> bytes

/** Text by name of the region; text of several lines becomes a block of its own. */
export type Regions = Readonly<Record<string, string>>;

const REGION = /<!-- generated: ([a-z-]+) -->([\s\S]*?)<!-- end -->/g;
const OPENING = /<!-- generated: [a-z-]+ -->/g;

/** Fills every region of a Markdown text. Throws for a region without an end or with an unknown name. */
export function fillRegions(markdown: string, regions: Regions): string {
  let filled = 0;
  const result = markdown.replace(REGION, (_, name: string) => {
    filled += 1;
    const text = regions[name];
    if (text === undefined) throw new Error(`unknown region "${name}"; known: ${Object.keys(regions)}`);
    const content = text.includes('\n') ? `\n\n${text}\n\n` : text;
    return `<!-- generated: ${name} -->${content}<!-- end -->`;
  });
  if (filled !== (markdown.match(OPENING) ?? []).length) throw new Error('a region without <!-- end -->');
  return result;
}
