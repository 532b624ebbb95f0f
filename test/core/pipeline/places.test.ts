import { describe, expect, it } from '@jest/globals';
import { createAttributor } from '../../../src/core/attribution/index.ts';
import { readEnvelope } from '../../../src/core/cloudwatch/envelope.ts';
import { EMPTY_DIRECTORY } from '../../../src/core/model/directory.ts';
import { DEFAULT_SETTINGS } from '../../../src/core/model/settings.ts';
import { originsOf, placesOf, placesOfText, regionOfNode } from '../../../src/core/pipeline/places.ts';
import { producerStub } from '../../support/producer-stub.ts';

const OWN = '111122223333';
const OTHER = '444455556666';
const STREAM = { accountId: OWN, region: 'eu-west-1' };
const attributor = createAttributor(EMPTY_DIRECTORY, DEFAULT_SETTINGS);

const contextOf = (owner: string | undefined, fields: readonly (object | undefined)[] = [undefined]) => {
  const logEvents = fields.map((extractedFields, i) => ({
    id: `${i}`,
    timestamp: 1,
    message: 'm',
    extractedFields,
  }));
  const text = JSON.stringify({
    messageType: 'DATA_MESSAGE',
    owner,
    logGroup: '/g',
    logStream: 's',
    logEvents,
  });
  const envelope = readEnvelope(Buffer.from(text));
  if (envelope === undefined) throw new Error('the test builds envelopes');
  return { envelope, stream: STREAM, namesLogStream: false };
};
const US_NODE = producerStub({ node: 'ip-10-0-0-1.us-west-2.compute.internal' });

describe('account and region of an event', () => {
  const SYSTEM = { '@aws.account': OTHER, '@aws.region': 'ap-south-1' };
  it.each([
    ['own account: the region of the stream', OWN, undefined, undefined, OWN, 'eu-west-1'],
    ['another account: an unknown region', OTHER, undefined, undefined, OTHER, undefined],
    ['no account: an unknown region', undefined, undefined, undefined, undefined, undefined],
    ['the region of the node', OTHER, undefined, US_NODE, OTHER, 'us-west-2'],
    ['the region of the node, own account', OWN, undefined, US_NODE, OWN, 'us-west-2'],
    ['system fields', OWN, SYSTEM, undefined, OTHER, 'ap-south-1'],
    ['system fields before the node', OWN, SYSTEM, US_NODE, OTHER, 'ap-south-1'],
    ['only the account in system fields', OWN, { '@aws.account': OTHER }, undefined, OTHER, undefined],
    ['only the region in system fields', OWN, { '@aws.region': 'r' }, undefined, OWN, 'r'],
    ['fields of a filter', OWN, { ip: '10.0.0.1' }, undefined, OWN, 'eu-west-1'],
  ])('%s', (_, owner, fields, producer, accountId, region) => {
    const { origin } = placesOf(contextOf(owner, [fields]), attributor)(0, producer);
    expect(origin).toMatchObject({ accountId, region, logGroup: '/g' });
  });
});

it('names the group that a line comes from only where it is another one', () => {
  const placeOf = placesOf(
    contextOf(OWN, [{ '@source.log': '/h' }, { '@source.log': '/g' }, {}]),
    attributor,
  );
  expect([0, 1, 2].map((i) => placeOf(i, undefined).origin.sourceLogGroup)).toEqual([
    '/h',
    undefined,
    undefined,
  ]);
});

it('gives events of the same place the same object, also after others', () => {
  const a = { '@aws.account': OTHER };
  const placeOf = placesOf(contextOf(OWN, [a, undefined, a, undefined]), attributor);
  const places = [0, 1, 2, 3].map((i) => placeOf(i, undefined));
  expect(places[0]).toBe(places[2]);
  expect(places[1]).toBe(places[3]);
  expect(places[0]).not.toBe(places[1]);
});

it('knows of text without an envelope only the region of the stream', () => {
  const { origin } = placesOfText({ ...STREAM, logGroup: undefined }, attributor)(0, US_NODE);
  expect(origin).toEqual({ region: 'eu-west-1' });
});

it('and the log group of the envelope that it gets', () => {
  const { origin } = placesOfText({ ...STREAM, logGroup: '/direct' }, attributor)(0, undefined);
  expect(origin).toEqual({ region: 'eu-west-1', logGroup: '/direct' });
});

it('tells the origin of events that are not read', () => {
  const originOf = originsOf({
    ...contextOf(OWN, [{ '@aws.account': OTHER }, undefined]),
    namesLogStream: true,
  });
  expect([originOf(0), originOf(1)]).toMatchObject([
    { accountId: OTHER, region: undefined, logStream: 's' },
    { accountId: OWN, region: 'eu-west-1', logStream: 's' },
  ]);
});

it.each([
  ['ip-10-0-1-23.eu-west-1.compute.internal', 'eu-west-1'],
  ['ip-10-0-1-23.us-gov-west-1.compute.internal', 'us-gov-west-1'],
  ['i-0a6453b0c36d4b9c0.ap-southeast-2.compute.internal', 'ap-southeast-2'],
  ['fargate-ip-10-0-1-23.eu-west-1.compute.internal', 'eu-west-1'],
  ['ip-10-0-1-23.ec2.internal', 'us-east-1'],
  ['ip-10-0-1-23', undefined],
  ['node.example.com', undefined],
  ['eu-west-1.compute.internal', undefined],
  ['x.eu-west-1.compute.internal.example.com', undefined],
  ['', undefined],
  [undefined, undefined],
])('the region of the node %s: %s', (node, region) => {
  expect(regionOfNode(node)).toBe(region);
});
