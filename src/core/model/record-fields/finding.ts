import { SIGNALS } from '../signal.ts';
import { EVERY_SOURCE, type RecordField } from './field.ts';

/** Results of the analysis: the last fields of the record, in printing order. */
export const FINDING_FIELDS: readonly RecordField[] = [
  {
    name: 'dns.signals',
    type: 'string[]',
    description: 'Hints for threat hunting',
    example: ['long-name', 'hex-label'],
    values: SIGNALS,
    sources: EVERY_SOURCE,
    when: 'a signal was raised',
  },
  {
    name: 'dns.parse.status',
    type: 'string',
    description: 'Name and type were parsed, other parts of the line were not',
    example: 'partial',
    values: ['partial'],
    sources: EVERY_SOURCE,
    when: 'partial',
  },
  {
    name: 'dns.truncated',
    type: 'boolean',
    description: 'A value was cut or left out because of its size, or a list was cut to 32 values',
    example: true,
    sources: EVERY_SOURCE,
    when: 'true',
  },
];
