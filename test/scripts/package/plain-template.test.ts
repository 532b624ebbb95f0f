import { readFileSync } from 'node:fs';
import { describe, expect, it } from '@jest/globals';
import { unzipSync } from 'fflate';
import { plainTemplate } from '../../../scripts/tools/package/plain-template.ts';
import { bundleFiles, zipName, zipOf } from '../../../scripts/tools/package/zip.ts';
import { parseTemplate, readTemplate } from '../../support/template.ts';

type Resource = { readonly Type: string; readonly Properties: Readonly<Record<string, unknown>> };
type Template = {
  readonly Transform?: string;
  readonly Parameters: Readonly<Record<string, unknown>>;
  readonly Resources: Readonly<Record<string, Resource>>;
  readonly [key: string]: unknown;
};

const ZIP = 'eks-dns-firehose-9.9.9-0123456789ab.zip';
const source = readTemplate() as Template;
const plain = parseTemplate(plainTemplate(readFileSync('template.yaml', 'utf8'), ZIP)) as Template;

describe('the plain template', () => {
  it('has nothing of SAM', () => {
    expect(plain.Transform).toBeUndefined();
    expect(JSON.stringify(plain)).not.toContain('AWS::Serverless');
  });

  it('has the function with all its properties, and its code in the bucket', () => {
    const { CodeUri, ...properties } = source.Resources.Function?.Properties ?? {};
    expect(CodeUri).toBe('.');
    expect(plain.Resources.Function).toEqual({
      Type: 'AWS::Lambda::Function',
      Properties: {
        ...properties,
        Code: { S3Bucket: { Ref: 'CodeBucket' }, S3Key: { 'Fn::Sub': `\${CodePrefix}${ZIP}` } },
      },
    });
  });

  it('has everything else as it was', () => {
    const { Function: _, ...resources } = source.Resources;
    const { Function: __, ...plainResources } = plain.Resources;
    expect(plainResources).toEqual(resources);
    const { CodeBucket, CodePrefix, ...parameters } = plain.Parameters;
    expect([CodeBucket, CodePrefix]).toEqual([
      expect.objectContaining({ Type: 'String' }),
      expect.objectContaining({ Default: '' }),
    ]);
    expect(parameters).toEqual(source.Parameters);
    for (const part of ['Conditions', 'Outputs', 'Rules', 'Mappings'])
      expect(plain[part]).toEqual(source[part]);
  });

  it('fits the limit of CloudFormation for templates in a bucket', () => {
    expect(Buffer.byteLength(plainTemplate(readFileSync('template.yaml', 'utf8'), ZIP))).toBeLessThan(
      1_000_000,
    );
  });
});

it.each([
  ['a resource of another type', 'AWS::Serverless::Api', 'Name: x'],
  ['a property that SAM would transform', 'AWS::Serverless::Function', 'Events: {}'],
])('refuses %s', (_, type, property) => {
  const text = `Parameters: {}\nResources:\n  One:\n    Type: ${type}\n    Properties:\n      ${property}\n`;
  expect(() => plainTemplate(text, ZIP)).toThrow('not known to this mapping');
});

describe('the zip', () => {
  const files = new Map([
    ['index.mjs', Buffer.from('export const handler = 1;')],
    ['chunks/a.mjs', Buffer.from('a')],
  ]);

  it('has the same bytes whenever it is made, and a name that follows from them', () => {
    const zip = zipOf(files);
    expect(Buffer.from(zipOf(files)).equals(Buffer.from(zip))).toBe(true);
    expect(zipName('9.9.9', zip)).toMatch(/^eks-dns-firehose-9\.9\.9-[0-9a-f]{12}\.zip$/);
    expect(zipName('9.9.9', zipOf(new Map([...files, ['b', Buffer.from('')]])))).not.toBe(
      zipName('9.9.9', zip),
    );
  });

  it('holds the built function, and nothing of the command line', () => {
    const built = bundleFiles('dist');
    const unzipped = unzipSync(zipOf(built));
    expect(Object.keys(unzipped).sort()).toEqual([...built.keys()].sort());
    expect(Object.keys(unzipped).filter((name) => !/^(index\.mjs(\.map)?|chunks\/)/.test(name))).toEqual([]);
    expect(Buffer.from(unzipped['index.mjs'] ?? []).equals(readFileSync('dist/index.mjs'))).toBe(true);
  });
});
