import {
  COREDNS,
  PUBLIC_ZONE,
  presenceText,
  RESOLVER,
  type RecordField,
} from '../../../src/core/model/record-fields/field.ts';
import { RECORD_FIELDS } from '../../../src/core/model/record-fields/index.ts';

const LOGS = [
  ['C', COREDNS],
  ['R', RESOLVER],
  ['P', PUBLIC_ZONE],
] as const;

/** Markdown table of the record's fields in printing order; logs: C CoreDNS, R Resolver, P public zone. */
export function fieldTable(): string {
  const rows = RECORD_FIELDS.map((field) =>
    [
      `\`${field.name}\``,
      field.type,
      logsOf(field),
      presenceText(field),
      `${field.description}${field.unit ? ` (${field.unit})` : ''}`,
    ]
      .map((cell) => cell.replaceAll('|', '\\|'))
      .join(' | '),
  );
  return [
    '| Field | Type | Log | When | Meaning |',
    '|---|---|---|---|---|',
    ...rows.map((row) => `| ${row} |`),
  ].join('\n');
}

const logsOf = ({ sources }: RecordField): string =>
  LOGS.filter(([, log]) => log.every((source) => sources.includes(source)))
    .map(([letter]) => letter)
    .join(' ');
