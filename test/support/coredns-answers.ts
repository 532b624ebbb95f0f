// What records say about queries, read back from the output: raw lines, records, and records that stand for several.
import { gunzipSync } from 'node:zlib';

type JsonRecord = Readonly<Record<string, unknown>>;

/** One query as `client name type code`. */
export type QueryText = string;

const LINE = /(\S+):\d+ - \d+ "(\S+) IN (\S+)\. [^"]*" (\S+)/;

/** The queries that a CoreDNS line or a normalised record stands for; none for any other text. */
export function queriesIn(message: string): QueryText[] {
  const record = message.startsWith('{') ? (JSON.parse(message) as JsonRecord) : undefined;
  if (record !== undefined) return queriesOf(record);
  const [, client, type, name, code] = LINE.exec(message) ?? [];
  return client === undefined ? [] : [`${client} ${name} ${type} ${code}`];
}

/** None for an error line of CoreDNS. */
function queriesOf(record: JsonRecord): QueryText[] {
  if (record['log.logger'] !== undefined) return [];
  const text = (name: string): string => String(record[`dns.${name}`]);
  const list = (name: string): readonly string[] | undefined => record[`dns.query.${name}`] as string[];
  const types = list('types') ?? [text('question.type')];
  const suffixes = list('suffixes') ?? [];
  const intended = record['dns.question.intended_name'];
  const base = intended === undefined ? text('question.name') : String(intended);
  const own =
    intended !== undefined && suffixes.length > 0
      ? []
      : [`${text('question.name')}|${text('response_code')}`];
  const names = [...own, ...suffixes.map((suffix) => `${base}.${suffix}|NXDOMAIN`)];
  const once = types.flatMap((type) =>
    names.map((name) => {
      const [question, code] = name.split('|');
      return `${record['client.ip']} ${question} ${type} ${code}`;
    }),
  );
  // Equal queries are counted: each as often as the others.
  const times = Number(record['dns.query.count'] ?? once.length) / once.length;
  return Array.from({ length: times }, () => once).flat();
}

/** The messages of a record as it leaves: an envelope, gzipped or plain, or lines. */
export function messagesIn(data: Buffer): string[] {
  const text = (data[0] === 0x1f ? gunzipSync(data) : data).toString('utf8');
  if (!text.includes('"logEvents"')) return text.split('\n').filter((line) => line !== '');
  return (JSON.parse(text) as { logEvents: { message: string }[] }).logEvents.map(({ message }) => message);
}
