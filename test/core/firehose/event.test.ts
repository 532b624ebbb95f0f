import { describe, expect, it } from '@jest/globals';
import { firehoseResponse, passThrough, readFirehoseEvent } from '../../../src/core/firehose/event.ts';

describe('readFirehoseEvent', () => {
  it('reads records of Direct PUT and of a Kinesis source alike', () => {
    const record = { recordId: 'a', approximateArrivalTimestamp: 7, data: 'AA==' };
    const kinesis = { ...record, recordId: 'b', kinesisRecordMetadata: { subsequenceNumber: '0' } };
    expect(
      readFirehoseEvent({ invocationId: 'i', region: 'eu-west-1', records: [record, kinesis] }, 1),
    ).toEqual({
      invocationId: 'i',
      region: 'eu-west-1',
      records: [
        { recordId: 'a', data: 'AA==', arrivalMs: 7 },
        { recordId: 'b', data: 'AA==', arrivalMs: 7 },
      ],
    });
  });

  it.each([
    ['nothing', undefined],
    ['null', null],
    ['text', 'x'],
    ['an event of another service', { Records: [] }],
    ['records that are not a list', { records: 'x' }],
  ])('finds no records in %s', (_, event) => {
    expect(readFirehoseEvent(event, 1).records).toEqual([]);
  });

  it('keeps every record, even if it is malformed', () => {
    const { records } = readFirehoseEvent(
      { records: [null, { recordId: 'a' }, { recordId: 'b', data: 7 }] },
      99,
    );
    expect(records.map(({ recordId, arrivalMs }) => [recordId, arrivalMs])).toEqual([
      ['', 99],
      ['a', 99],
      ['b', 99],
    ]);
    expect(firehoseResponse(passThrough(records)).records).toEqual([
      { recordId: '', result: 'Ok', data: '' },
      { recordId: 'a', result: 'Ok', data: '' },
      { recordId: 'b', result: 'Ok', data: '' },
    ]);
  });
});
