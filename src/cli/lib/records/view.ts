// Normalised records as a table.
import { LOG_SOURCES } from '../../../core/model/log-sources.ts';
import { paint, table } from '../../terminal.ts';
import type { JsonRecord } from '../io/firehose-response.ts';

const text = (value: unknown): string => (value === undefined ? '' : String(value));

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
  if (Array.isArray(answers)) return answers.join(', ');
  return text(record['dns.response.type'] ?? record['event.reason']);
}

const shorten = (value: string, width: number): string =>
  value.length <= width ? value : `${value.slice(0, width - 1)}…`;

/** A table of records: time, client, attribution, query with signals, rcode, answers, source. */
export function recordTable(records: readonly JsonRecord[]): string {
  return table(
    ['time', 'client', 'attribution', 'query', 'rcode', 'answers', 'source'],
    records.map((record) => [
      text(record.timestamp).slice(11, 23),
      shorten(clientText(record), 48),
      text(record['dns.client.attribution']),
      shorten(`${text(record['dns.question.type'])} ${text(record['dns.question.name'])}`.trim(), 56) +
        signals(record),
      rcodeOf(record),
      shorten(answerText(record), 44),
      sourceLabel(text(record['log.source'])),
    ]),
  );
}

const sourceLabel = (name: string): string =>
  LOG_SOURCES.find((source) => source.name === name)?.label ?? name;

const signals = (record: JsonRecord): string => {
  const raised = record['dns.signals'];
  return Array.isArray(raised) ? `\n${paint('yellow', `^ ${raised.join(', ')}`)}` : '';
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
