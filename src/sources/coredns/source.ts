import type { DnsEvent } from '../../model/dns-event.ts';
import type { Emitter, Line, UnwrappedLine } from '../../model/line.ts';
import type { LogSource } from '../../model/ports.ts';
import type { Settings } from '../../model/settings.ts';
import { readHead } from './common.ts';
import { readError } from './errors.ts';
import { readPrefix } from './prefix.ts';
import { queryEvent } from './query.ts';

/** Creates the source for lines of CoreDNS's `log`, `errors` and `loop` plugins. */
export function createCoreDnsSource(
  settings: Pick<Settings, 'corednsLogFormats' | 'corednsContainers'>,
): LogSource {
  const containers = new Set(settings.corednsContainers);
  const isForeign = (emitter: Emitter | undefined) =>
    emitter?.container !== undefined && !containers.has(emitter.container);

  const parse = (line: Line, unwrapped: UnwrappedLine): DnsEvent | undefined => {
    if (isForeign(unwrapped.emitter)) return undefined;
    const { text } = unwrapped;
    const { stamp, level, levelAt, textAt } = readPrefix(text);
    const content = text.slice(level === 'INFO' ? textAt : levelAt);
    const context = { line, unwrapped, content, stamp };
    if (text.startsWith('plugin/', textAt)) {
      for (const plugin of ['errors', 'loop'] as const) {
        const mark = `plugin/${plugin}: `;
        if (text.startsWith(mark, textAt))
          return readError(context, plugin, text.slice(textAt + mark.length));
      }
      return undefined;
    }
    const head = readHead(text, textAt, 'either');
    if (head === undefined) return undefined;
    if (head.end < text.length) head.query.isPartial = true;
    return queryEvent(context, head.query);
  };
  return {
    name: 'coredns',
    mayHold: (text) => text.includes('plugin/') || text.includes('. udp ') || text.includes('. tcp '),
    parse,
  };
}
