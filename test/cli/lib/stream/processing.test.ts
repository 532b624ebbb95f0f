import type { ProcessingConfiguration } from '@aws-sdk/client-firehose';
import { describe, expect, it } from '@jest/globals';
import fc from 'fast-check';
import {
  attached,
  backupTagKeys,
  backupTags,
  calls,
  detached,
  lambdaIn,
  savedBlock,
} from '../../../../src/cli/lib/stream/processing.ts';

const OURS = 'arn:aws:lambda:eu-west-1:111122223333:function:dns';
const OTHER = 'arn:aws:lambda:eu-west-1:111122223333:function:other';
const HINTS = { bufferMb: '0.5', bufferSeconds: '60', retries: '3' };

const lambda = (arn: string, more: Record<string, string> = {}) => ({
  Type: 'Lambda' as const,
  Parameters: Object.entries({ LambdaArn: arn, ...more }).map(([ParameterName, ParameterValue]) => ({
    ParameterName: ParameterName as 'LambdaArn',
    ParameterValue,
  })),
});
const GUNZIP = {
  Type: 'Decompression' as const,
  Parameters: [{ ParameterName: 'CompressionFormat' as const, ParameterValue: 'GZIP' }],
};

describe('attached', () => {
  it.each([
    { name: 'no processor is configured', before: { Enabled: false } },
    {
      name: 'another function is configured but disabled',
      before: { Enabled: false, Processors: [lambda(OTHER)] },
    },
    { name: 'decompression is configured but disabled', before: { Enabled: false, Processors: [GUNZIP] } },
  ])('calls only the function if $name', ({ before }) => {
    const after = attached(before, OURS, HINTS);
    expect(after?.Enabled).toBe(true);
    expect(after?.Processors?.map(({ Type }) => Type)).toEqual(['Lambda']);
    expect(lambdaIn(after ?? {})).toBe(OURS);
  });

  it('keeps enabled decompression, before the function', () => {
    const after = attached({ Enabled: true, Processors: [GUNZIP] }, OURS, HINTS);
    expect(after?.Processors?.map(({ Type }) => Type)).toEqual(['Decompression', 'Lambda']);
  });

  it('refuses if another function is called', () => {
    expect(() => attached({ Enabled: true, Processors: [lambda(OTHER)] }, OURS, HINTS)).toThrow(
      /another function/,
    );
  });

  it('changes nothing if Firehose returns our block reordered, with defaults and a version', () => {
    const live = lambda(`${OURS}:$LATEST`, { RoleArn: 'r', NumberOfRetries: '3' });
    const shown = lambda(OURS, {
      RoleArn: 'r',
      NumberOfRetries: '3',
      BufferIntervalInSeconds: '60',
      BufferSizeInMBs: '0.5',
    });
    expect(attached({ Enabled: true, Processors: [shown] }, OURS, HINTS)).toBeUndefined();
    expect(calls({ Enabled: true, Processors: [live] }, OURS)).toBe(true);
  });

  it('applies other hints to the existing block', () => {
    const before = attached({ Enabled: false }, OURS, HINTS) ?? {};
    const after = attached(before, OURS, { ...HINTS, bufferMb: '1' });
    expect(after?.Processors?.length).toBe(1);
    expect(JSON.stringify(after)).toContain('"ParameterValue":"1"');
  });
});

describe('detached', () => {
  it.each<{ name: string; before: ProcessingConfiguration }>([
    { name: 'an empty block', before: { Enabled: false, Processors: [] } },
    { name: 'enabled decompression', before: { Enabled: true, Processors: [GUNZIP] } },
    { name: 'disabled decompression', before: { Enabled: false, Processors: [GUNZIP] } },
  ])('restores $name', ({ before }) => {
    const after = attached(before, OURS, HINTS) ?? {};
    const tags = new Map(backupTags(before).map(({ Key, Value }) => [Key, Value]));
    expect(detached(after, OURS, savedBlock(tags))).toEqual(before);
  });

  it('keeps processors that were added later', () => {
    const now = { Enabled: true, Processors: [GUNZIP, lambda(OURS)] };
    expect(detached(now, OURS, { Enabled: false })).toEqual({ Enabled: true, Processors: [GUNZIP] });
  });

  it('never restores a function', () => {
    const saved = { Enabled: false, Processors: [lambda(OTHER)] };
    const after = detached({ Enabled: true, Processors: [lambda(OURS)] }, OURS, saved);
    expect(after).toEqual({ Enabled: false, Processors: [] });
  });

  it('does not change a stream that does not call the function', () => {
    expect(detached({ Enabled: true, Processors: [lambda(OTHER)] }, OURS, undefined)).toBeUndefined();
    expect(detached({}, OURS, undefined)).toBeUndefined();
  });
});

describe('backup tags', () => {
  it('hold any block within the limits of tags', () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 300 }), { maxLength: 8 }), (values) => {
        const block = { Enabled: false, Processors: values.map((value) => lambda(value)) };
        const tags = backupTags(block);
        for (const { Key, Value } of tags) {
          expect(Value.length).toBeLessThanOrEqual(256);
          expect(Key + Value).toMatch(/^[A-Za-z0-9_.:/=+@ -]+$/);
        }
        const map = new Map(tags.map(({ Key, Value }) => [Key, Value]));
        expect(backupTagKeys([...map.keys(), 'team'])).toEqual([...map.keys()]);
        expect(savedBlock(map)).toEqual(block);
      }),
    );
  });

  it('are ignored if missing or invalid', () => {
    expect(savedBlock(new Map())).toBeUndefined();
    expect(savedBlock(new Map([['eks-dns-firehose-before-0', '!!!']]))).toBeUndefined();
  });
});
