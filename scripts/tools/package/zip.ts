// The zip of the function: the files of `sam build`, with the same bytes on every machine.
import { createHash } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { zipSync } from 'fflate';

/** ZIP knows no earlier time. */
const FIRST_TIME = new Date(1980, 0, 1);

/** The files of the bundle in `dist`, by their path in the package: `index.mjs`, its map, and `chunks/`. */
export function bundleFiles(dist: string): ReadonlyMap<string, Uint8Array> {
  const chunks = readdirSync(join(dist, 'chunks')).map((name) => `chunks/${name}`);
  const names = ['index.mjs', 'index.mjs.map', ...chunks].sort();
  return new Map(names.map((name) => [name, readFileSync(join(dist, name))]));
}

/** A zip of these files. */
export const zipOf = (files: ReadonlyMap<string, Uint8Array>): Uint8Array =>
  zipSync(Object.fromEntries(files), { level: 9, mtime: FIRST_TIME });

/** `eks-dns-firehose-2.0.0-1f0c2d3e4b5a.zip`: the version, and the beginning of the content's SHA-256. */
export function zipName(version: string, zip: Uint8Array): string {
  const digest = createHash('sha256').update(zip).digest('hex');
  return `eks-dns-firehose-${version}-${digest.slice(0, 12)}.zip`;
}
