// Prints a query as CoreDNS's `log` plugin does, written from the description of its output and sharing nothing with
// the parser. https://github.com/coredns/coredns/blob/master/plugin/pkg/replacer/replacer.go

/** What CoreDNS knows of a query. */
export type RenderQuery = {
  /** Wire labels, root = none. */
  readonly labels: readonly (readonly number[])[];
  readonly type: string;
  readonly class: string;
  /** As Go prints the address, without brackets; empty when there is none. */
  readonly remote: string;
  readonly local: string;
  readonly port: number;
  readonly id: number;
  readonly opcode: number;
  readonly proto: 'udp' | 'tcp';
  readonly size: number;
  readonly dnssecOk: boolean;
  readonly bufsize: number;
  /** Undefined when no response was written. */
  readonly response: { readonly rcode: string; readonly flags: number; readonly size: number } | undefined;
  readonly durationNs: number;
  readonly metadata: ReadonlyMap<string, string>;
};

/** `{common}` and `{combined}`. */
export const RENDER_COMMON =
  '{remote}:{port} - {>id} "{type} {class} {name} {proto} {size} {>do} {>bufsize}" {rcode} {>rflags} {rsize} {duration}';
export const RENDER_COMBINED = `${RENDER_COMMON} "{>opcode}"`;

const FLAGS = ['qr', 'aa', 'tc', 'rd', 'ra', 'z', 'ad', 'cd'];

/** Bits of `flags` as CoreDNS prints them, lowest first: 0b101 -> `qr,tc`. */
export const renderFlags = (bits: number): string => FLAGS.filter((_, i) => (bits >> i) & 1).join(',');

/** The format with its short forms filled in. */
export const expandShort = (format: string): string =>
  format.replaceAll('{common}', RENDER_COMMON).replaceAll('{combined}', RENDER_COMBINED);

/** The format as a quoted token of the Corefile. */
export const quoteFormat = (format: string): string => `"${format.replaceAll('"', '\\"')}"`;

/** A line of that format, without `[INFO] `. */
export function renderCoreDns(format: string, query: RenderQuery): string {
  return expandShort(format).replaceAll(
    /\{([^{}]*)\}/g,
    (literal, label: string) => render(label, query) ?? literal,
  );
}

function render(label: string, query: RenderQuery): string | undefined {
  if (label.startsWith('/')) return query.metadata.get(label.slice(1)) ?? '-';
  switch (label) {
    case 'remote':
      return renderAddress(query.remote);
    case 'local':
      return renderAddress(query.local);
    case 'port':
      return String(query.port);
    case 'type':
      return query.type;
    case 'class':
      return query.class;
    case 'name':
      return renderName(query.labels);
    case 'proto':
      return query.proto;
    case 'size':
      return String(query.size);
    case '>id':
      return String(query.id);
    case '>opcode':
      return String(query.opcode);
    case '>do':
      return String(query.dnssecOk);
    case '>bufsize':
      return String(query.bufsize);
    case 'duration':
      return renderDuration(query.durationNs);
    default:
      return responseValue(label, query);
  }
}

function responseValue(label: string, { response }: RenderQuery): string | undefined {
  if (label === 'rcode') return response?.rcode ?? '-';
  if (label === '>rflags') return response === undefined ? '-' : renderFlags(response.flags);
  return label === 'rsize' ? String(response?.size ?? 0) : undefined;
}

const renderAddress = (ip: string): string => (ip.includes(':') ? `[${ip}]` : ip);

/** Presentation form: lower case, `\` before special characters, `\DDD` for bytes outside printable ASCII. */
export function renderName(labels: readonly (readonly number[])[]): string {
  if (labels.length === 0) return '.';
  return labels.map((label) => `${label.map(renderByte).join('')}.`).join('');
}

function renderByte(byte: number): string {
  if (byte < 0x20 || byte > 0x7e) return `\\${String(byte).padStart(3, '0')}`;
  const char = String.fromCharCode(byte).toLowerCase();
  return '. \'@;()"\\'.includes(char) ? `\\${char}` : char;
}

/** Go's `strconv.FormatFloat(d.Seconds(), 'f', -1, 64) + "s"`: shortest digits, never an exponent. */
function renderDuration(ns: number): string {
  const seconds = Math.floor(ns / 1e9) + (ns % 1e9) / 1e9;
  const [digits = '', exponent] = String(seconds).split('e-');
  if (exponent === undefined) return `${digits}s`;
  return `0.${'0'.repeat(Number(exponent) - 1)}${digits.replace('.', '')}s`;
}
