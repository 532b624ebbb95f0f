import { expect, it } from '@jest/globals';
import { eventKind, NOT_FOR_US, SYNC_EVENT } from '../../src/lambda/event-kind.ts';
import { readTemplate } from '../support/template.ts';

it.each([
  ['a batch', { invocationId: 'i', records: [{ recordId: '1', data: '' }] }, 'batch'],
  ['a batch whose records are damaged', { invocationId: 'i', records: 7 }, 'batch'],
  ['nothing', {}, 'batch'],
  ['null', null, 'batch'],
  ['the schedule', SYNC_EVENT, 'sync'],
  ['the schedule with records', { ...SYNC_EVENT, records: [] }, 'batch'],
  ['a wish that nobody knows', { 'eks-dns-firehose': 'delete' }, 'other'],
  ['S3', { Records: [{ eventSource: 'aws:s3' }] }, 'other'],
  ['a subscription of CloudWatch Logs', { awslogs: { data: 'H4sI' } }, 'other'],
  ['a test of the console', { key1: 'value1' }, 'other'],
])('knows %s', (_, event, kind) => {
  expect(eventKind(event)).toBe(kind);
});

it('answers what is not for the function in a form that Firehose could read', () => {
  expect(NOT_FOR_US.records).toEqual([]);
  expect(NOT_FOR_US.ignored).toContain('nothing was done');
});

it('is what the schedule of the template sends', () => {
  const { Resources } = readTemplate() as {
    readonly Resources: Record<
      string,
      { readonly Properties: { readonly Target: { readonly Input: string } } }
    >;
  };
  expect(JSON.parse(Resources.StateScheduleRule?.Properties.Target.Input ?? '')).toEqual(SYNC_EVENT);
});
