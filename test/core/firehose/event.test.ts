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

  it.each([
    ['a region', 'eu-west-1', 'eu-west-1'],
    ['an empty region', '', undefined],
    ['a region that is not text', 5, undefined],
    ['no region', undefined, undefined],
  ])('reads %s', (_, region, expected) => {
    expect(readFirehoseEvent({ region }, 1).region).toBe(expected);
  });

  it.each([
    ['a time', 7, 7],
    ['no time', undefined, 99],
    ['a time as text', '7', 99],
    ['a time that is not finite', Number.POSITIVE_INFINITY, 99],
    ['a time that is not a number', Number.NaN, 99],
  ])('reads %s of arrival', (_, approximateArrivalTimestamp, arrivalMs) => {
    const records = [{ recordId: 'a', data: 'AA==', approximateArrivalTimestamp }];
    expect(readFirehoseEvent({ records }, 99).records).toEqual([{ recordId: 'a', data: 'AA==', arrivalMs }]);
  });

  it('reads ids and data that are text only', () => {
    expect(readFirehoseEvent({ invocationId: 5, records: [{ recordId: 5, data: {} }] }, 1)).toEqual({
      invocationId: '',
      region: undefined,
      records: [{ recordId: '', data: '', arrivalMs: 1 }],
    });
  });
});

it('answers with new data in base64, and else with what came', () => {
  const input = { recordId: 'a', data: 'AA==', arrivalMs: 1 };
  expect(
    firehoseResponse([
      { input, result: 'Ok', data: Buffer.from('new') },
      { input, result: 'Ok', data: Buffer.alloc(0) },
      { input, result: 'Dropped', data: undefined },
    ]).records,
  ).toEqual([
    { recordId: 'a', result: 'Ok', data: 'bmV3' },
    { recordId: 'a', result: 'Ok', data: '' },
    { recordId: 'a', result: 'Dropped', data: 'AA==' },
  ]);
});
