// Jest global set-up: builds the bundle, so that tests which run it use the current sources.
import { buildAll } from './build.js';

export default async function setup() {
  await buildAll();
}
