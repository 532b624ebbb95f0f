// template.yaml without SAM: what the transform AWS::Serverless-2016-10-31 makes of its one resource, made here, so that
// `aws cloudformation deploy` takes it. The translator of SAM itself is a Python package that `npm` cannot install.
import { type Document, isMap, parseDocument, type YAMLMap } from 'yaml';

/**
 * Properties that AWS::Serverless::Function hands to AWS::Lambda::Function as they are. Any other would be transformed.
 * https://docs.aws.amazon.com/serverless-application-model/latest/developerguide/sam-resource-function.html
 */
const PASSED_ON: ReadonlySet<string> = new Set([
  'Architectures',
  'Description',
  'Environment',
  'FunctionName',
  'Handler',
  'Layers',
  'LoggingConfig',
  'MemorySize',
  'Role',
  'Runtime',
  'Timeout',
  'VpcConfig',
]);

const PARAMETERS = {
  CodeBucket: {
    Type: 'String',
    AllowedPattern: '^[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]$',
    ConstraintDescription: 'the name of a bucket',
    Description: 'Bucket in this Region that holds the zip of this version.',
  },
  CodePrefix: {
    Type: 'String',
    Default: '',
    AllowedPattern: "^$|^[A-Za-z0-9!_.*'()/-]*/$",
    ConstraintDescription: 'empty, or a prefix that ends with /',
    Description: 'Prefix of the zip in that bucket, e.g. eks-dns/. Empty = none.',
  },
};

/**
 * The template as plain CloudFormation, whose function is the object `zipName` in the bucket of the parameter CodeBucket.
 * Throws if the template has a part of SAM that is not known here.
 */
export function plainTemplate(source: string, zipName: string): string {
  // `!Ref` and its like are tags that YAML itself does not know; they are written back as they were read.
  const document = parseDocument(source, { logLevel: 'error' });
  const [fault] = document.errors;
  if (fault !== undefined) throw fault;
  document.delete('Transform');
  if (document.has('Globals')) throw new Error('Globals are not known to this mapping');
  for (const name of serverlessResources(document)) toLambda(document, name, zipName);
  const parameters = map(document, ['Parameters']);
  for (const [name, parameter] of Object.entries(PARAMETERS).reverse())
    parameters.items.unshift(document.createPair(name, parameter));
  const groups = ['Metadata', 'AWS::CloudFormation::Interface', 'ParameterGroups'];
  document.addIn(groups, {
    Label: { default: 'Code of this version' },
    Parameters: Object.keys(PARAMETERS),
  });
  return document.toString({ lineWidth: 0 });
}

function map(document: Document, path: readonly string[]): YAMLMap {
  const found = document.getIn(path);
  if (!isMap(found)) throw new Error(`the template has no ${path.join('.')}`);
  return found;
}

/** Names of the resources of SAM. */
function serverlessResources(document: Document): readonly string[] {
  const all = map(document, ['Resources']).toJSON() as Record<string, { readonly Type: string }>;
  return Object.keys(all).filter((name) => all[name]?.Type.startsWith('AWS::Serverless::'));
}

function toLambda(document: Document, name: string, zipName: string): void {
  const path = ['Resources', name];
  const type = document.getIn([...path, 'Type']);
  if (type !== 'AWS::Serverless::Function') throw new Error(`${name}: ${type} is not known to this mapping`);
  document.setIn([...path, 'Type'], 'AWS::Lambda::Function');
  document.deleteIn([...path, 'Metadata']);
  document.deleteIn([...path, 'Properties', 'CodeUri']);
  const properties = map(document, [...path, 'Properties']);
  const unknown = Object.keys(properties.toJSON()).filter((property) => !PASSED_ON.has(property));
  if (unknown.length > 0) throw new Error(`${name}: ${unknown.join(', ')} is not known to this mapping`);
  properties.set('Code', {
    S3Bucket: { Ref: 'CodeBucket' },
    // A new version has another key, by which CloudFormation notices it.
    S3Key: { 'Fn::Sub': `\${CodePrefix}${zipName}` },
  });
}
