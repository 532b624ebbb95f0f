// Chooses a place and its speakers, at random.

import {
  barePlace,
  inventedClusterPlace,
  route53Place,
  sameNamePlace,
  textPlace,
  vouchedPlace,
} from './speakers-groups.ts';
import { filePlace, podStreamPlace, shippedPlace, splitPlace } from './speakers-shippers.ts';
import type { Place, Stage } from './speakers-truth.ts';

const PLACES = [
  shippedPlace,
  shippedPlace,
  shippedPlace,
  filePlace,
  filePlace,
  podStreamPlace,
  splitPlace,
  barePlace,
  barePlace,
  route53Place,
  inventedClusterPlace,
  textPlace,
  sameNamePlace,
];

/** A place with its lines, at random. */
export function createPlace(stage: Stage): Place {
  const { random, variant } = stage;
  const hasVouched = variant.settings.corednsLogGroups !== undefined;
  return random.pick(hasVouched ? [...PLACES, vouchedPlace, vouchedPlace] : PLACES)(stage);
}
