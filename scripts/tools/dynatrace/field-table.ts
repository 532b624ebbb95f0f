import { LOG_SOURCES } from '../../../src/core/model/log-sources.ts';
import { presenceText, type RecordField } from '../../../src/core/model/record-fields/field.ts';
import { RECORD_FIELDS } from '../../../src/core/model/record-fields/index.ts';

/** `logs: C CoreDNS, R Resolver, P public zone` */
export const LEGEND = `logs: ${LOG_SOURCES.map(({ legend, label }) => `${legend} ${label}`).join(', ')}`;

/** Markdown table of the record's fields in output order; the letters of the logs are those of `LEGEND`. */
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
  LOG_SOURCES.filter(({ name }) => sources.includes(name))
    .map(({ legend }) => legend)
    .join(' ');
