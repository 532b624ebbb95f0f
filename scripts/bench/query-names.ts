// Names that the pods of the benched cluster ask for, with the answer that CoreDNS gives.
import { createRandom, type Random } from '../../src/cli/lib/simulate/random.ts';

/** A name and its answer: code and header flags. */
export type Query = { readonly name: string; readonly code: string; readonly flags: string };

/** Services of the cluster. */
export const SERVICES =
  'cart catalog checkout identity inventory invoice ledger media orders payment pricing profile search session shipping tax'.split(
    ' ',
  );
/** Namespaces of the cluster. */
export const SPACES = ['shop', 'payments', 'platform', 'data'];
const OUTSIDE =
  'api.stripe.com www.googleapis.com github.com registry.npmjs.org hooks.slack.com api.twilio.com cdn.jsdelivr.net o11y.example.com eu.api.mailgun.net login.microsoftonline.com'.split(
    ' ',
  );
const AWS = 'sqs s3 sts dynamodb secretsmanager kms logs monitoring ec2 ecr.api'.split(' ');

const HEX = '0123456789abcdef';
const FORWARDED = { code: 'NOERROR', flags: 'qr,rd,ra' };
const OWN = { code: 'NOERROR', flags: 'qr,aa,rd' };
const EXPANSION = { code: 'NXDOMAIN', flags: 'qr,aa,rd' };

/**
 * A query as in Kubernetes: a third are search expansions, a third cluster names. With `names` undefined there are about
 * 160 of uneven popularity, and one in 25 is unique; else that many, asked for equally often.
 */
export function randomQuery(random: Random, names: number | undefined): Query {
  if (names !== undefined) return numberedQuery(random.int(names));
  const dice = random.int(100);
  const space = random.pick(SPACES);
  if (dice < 4) return { name: `${random.text(HEX, 12)}.cloudfront.net`, ...FORWARDED };
  const external = dice < 30 ? `${random.pick(AWS)}.eu-west-1.amazonaws.com` : random.pick(OUTSIDE);
  if (dice < 60) return { name: external, ...FORWARDED };
  const inside = `${random.pick(SERVICES)}.${space}.svc.cluster.local`;
  if (dice < 78) return { name: inside, ...OWN };
  return { name: `${external}.${space}.svc.cluster.local`, ...EXPANSION };
}

const numbered: Query[] = [];

/** Query number `index`; the same in every batch. */
function numberedQuery(index: number): Query {
  numbered[index] ??= makeNumbered(index);
  return numbered[index];
}

function makeNumbered(index: number): Query {
  const random = createRandom(index);
  const dice = random.int(100);
  const label = random.text(HEX, 8);
  const external =
    dice % 2 === 0
      ? `${label}.${random.pick(AWS)}.eu-west-1.amazonaws.com`
      : `www.${label}.${random.pick(['com', 'org', 'net', 'co.uk', 'de'])}`;
  if (dice < 45) return { name: external, ...FORWARDED };
  const inside = `svc.cluster.local`;
  if (dice < 70)
    return { name: `${random.pick(SERVICES)}-${label}.${random.pick(SPACES)}.${inside}`, ...OWN };
  return { name: `${external}.${random.pick(SPACES)}.${inside}`, ...EXPANSION };
}
