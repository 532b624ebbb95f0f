// Normalised records as a table.
import { LOG_SOURCES } from '../../../core/model/log-sources.ts';
import { paint, table, terminalWidth, UNPRINTABLE, widthOf } from '../../terminal.ts';
import type { JsonRecord } from '../io/firehose-response.ts';

/** A value as text; whoever writes a log line must not command the terminal. */
const text = (value: unknown): string => (value === undefined ? '' : String(value).replace(UNPRINTABLE, ' '));

/** The client: `payments/checkout-6c9f7b5d48-m2xkp`, `node ip-172-31-40-5`, `instance i-03c9...`. */
export function clientText(record: JsonRecord): string {
  const pod = record['k8s.pod.name'];
  if (pod !== undefined) return `${text(record['k8s.namespace.name'])}/${text(pod)}`;
  const kind = text(record['dns.client.kind']);
  const where = record['k8s.node.name'] ?? record['host.id'] ?? record['client.ip'] ?? '';
  return `${kind} ${text(where).split('.compute.internal')[0]}`.trim();
}

/** The answers, otherwise the response type or the reason of an error. */
function answerText(record: JsonRecord): string {
  const answers = record['dns.answers.data'];
  if (Array.isArray(answers)) return text(answers.join(', '));
  return text(record['dns.response.type'] ?? record['event.reason']);
}

/** Cuts the middle out of a text: both ends of names tell more. */
function shorten(value: string, width: number): string {
  if (value.length <= width) return value;
  const end = Math.floor((width - 1) / 2);
  return `${value.slice(0, width - 1 - end)}…${value.slice(value.length - end)}`;
}

/** Below this width answers stand below their query, and the source is left out. */
const WIDE = 130;
const GAP = 2;
const [TIME, ATTRIBUTION, RCODE, SOURCE] = [12, 11, 8, 8];

type Widths = { readonly client: number; readonly query: number; readonly answers: number };

/** Widths of the columns that are cut, so that a row fits into `width`. */
function widthsIn(width: number | undefined): Widths {
  if (width === undefined) return { client: 48, query: 56, answers: 44 };
  if (width < WIDE) {
    const rest = width - SHORT_TIME - 1 - RCODE - 3 * GAP;
    return { client: Math.floor(rest / 2), query: Math.ceil(rest / 2), answers: Math.ceil(rest / 2) };
  }
  const rest = width - TIME - ATTRIBUTION - RCODE - SOURCE - 6 * GAP;
  const [client, query] = [Math.floor(rest * 0.35), Math.floor(rest * 0.38)];
  return { client, query, answers: rest - client - query };
}

const SHORT_TIME = 8;

/** Marks of the narrow table before clients that are not `exact`. */
const MARKS: Readonly<Record<string, string>> = { exact: ' ', inferred: '~' };
const NOT_NAMED = '?';

/** What the marks of a narrow table mean. */
export const LEGEND = `${MARKS.inferred} inferred, ${NOT_NAMED} ambiguous or unknown client, = answer, ^ signal`;

/** Whether a table of that width is narrow, and needs `LEGEND`. */
export const isNarrow = (width: number | undefined): boolean => width !== undefined && width < WIDE;

/**
 * Creates a printer of records in groups, as rows of one table: time, client, attribution, query with signals, rcode,
 * answers, source. `width` is that of the terminal; undefined cuts only very long values. The first group has the header,
 * and decides the widths of columns in a file or pipe.
 */
export function createRecordTable(width: number | undefined): (records: readonly JsonRecord[]) => string {
  const narrow = isNarrow(width);
  const widths = widthsIn(width);
  const head = narrow
    ? ['time', ' client', 'query', 'rcode']
    : ['time', 'client', 'attribution', 'query', 'rcode', 'answers', 'source'];
  let isFirst = true;
  let atLeast: readonly number[] = [];
  return (records) => {
    const rows = records.map((record) => (narrow ? narrowRow(record, widths) : wideRow(record, widths)));
    const columns = head.map((_, column) => columnWidth(rows, column));
    atLeast = columns.map((column, index) => Math.max(column, atLeast[index] ?? head[index]?.length ?? 0));
    const printed = table(isFirst ? head : undefined, rows, atLeast);
    isFirst = false;
    return printed;
  };
}

/** Width of the widest cell of a column. */
const columnWidth = (rows: readonly (readonly string[])[], column: number): number => {
  let width = 0;
  for (const row of rows)
    for (const line of (row[column] ?? '').split('\n')) width = Math.max(width, widthOf(line));
  return width;
};

const wideRow = (record: JsonRecord, { client, query, answers }: Widths): string[] => [
  text(record.timestamp).slice(11, 23),
  shorten(clientText(record), client),
  text(record['dns.client.attribution']),
  shorten(queryText(record), query) + signals(record),
  rcodeOf(record),
  shorten(answerText(record), answers),
  sourceLabel(text(record['log.source'])),
];

function narrowRow(record: JsonRecord, { client, query, answers }: Widths): string[] {
  const mark = MARKS[text(record['dns.client.attribution'])] ?? NOT_NAMED;
  const answer = answerText(record);
  const below = answer === '' ? '' : `\n${paint('dim', `= ${shorten(answer, answers - 2)}`)}`;
  return [
    text(record.timestamp).slice(11, 11 + SHORT_TIME),
    `${mark}${shorten(clientText(record), client)}`,
    shorten(queryText(record), query) + below + signals(record, '\n^ '),
    rcodeOf(record),
  ];
}

const queryText = (record: JsonRecord): string =>
  `${text(record['dns.question.type'])} ${text(record['dns.question.name'])}`.trim();

/** A table of records, as `createRecordTable` prints them. */
export const recordTable = (records: readonly JsonRecord[], width = terminalWidth()): string =>
  createRecordTable(width)(records);

const sourceLabel = (name: string): string =>
  LOG_SOURCES.find((source) => source.name === name)?.label ?? name;

/** `^ hex-label, txt-answer` on a line of its own; narrow tables separate them by lines. */
const signals = (record: JsonRecord, separator = ', '): string => {
  const raised = record['dns.signals'];
  return Array.isArray(raised) ? `\n${paint('yellow', `^ ${raised.join(separator)}`)}` : '';
};

function rcodeOf(record: JsonRecord): string {
  const code = text(record['dns.response_code']);
  const level = record.loglevel;
  return level === 'ERROR'
    ? paint('red', code || 'ERROR')
    : level === 'WARN'
      ? paint('yellow', code || 'WARN')
      : code;
}
