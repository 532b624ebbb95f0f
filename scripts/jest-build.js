// Jest global set-up: tests that run the built bundle always run the one of these very sources.
import { buildAll } from './build.js';

export default async function setup() {
  await buildAll();
}
