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
      stream: { accountId: undefined, region: 'eu-west-1' },
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
    expect(readFirehoseEvent({ region }, 1).stream.region).toBe(expected);
  });

  it.each([
    ['arn:aws:firehose:eu-west-1:111122223333:deliverystream/s', '111122223333', 'eu-west-1'],
    ['arn:aws-cn:firehose:cn-north-1:111122223333:deliverystream/s', '111122223333', 'cn-north-1'],
    ['arn:aws:kinesis:eu-west-1:111122223333:stream/s', undefined, undefined],
    ['arn:aws:x', undefined, undefined],
    [{}, undefined, undefined],
    [undefined, undefined, undefined],
  ])('reads account and region of %s', (deliveryStreamArn, accountId, region) => {
    expect(readFirehoseEvent({ deliveryStreamArn }, 1).stream).toEqual({ accountId, region });
  });

  it('takes the region of the event before that of the stream', () => {
    const deliveryStreamArn = 'arn:aws:firehose:eu-west-1:111122223333:deliverystream/s';
    expect(readFirehoseEvent({ deliveryStreamArn, region: 'eu-west-2' }, 1).stream.region).toBe('eu-west-2');
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
      stream: { accountId: undefined, region: undefined },
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
