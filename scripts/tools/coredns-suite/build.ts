// Builds CoreDNS with the Go toolchain, once per version, in a cache outside the checkout.
import { existsSync, mkdirSync, readdirSync, renameSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { go, SERVER_CACHE } from '../go-toolchain.ts';

const MODULE = 'github.com/coredns/coredns';

/** `$XDG_CACHE_HOME/eks-dns-firehose/coredns`, with a folder for each version. */
const CACHE = join(SERVER_CACHE, 'coredns');

/** A version without its `v`, and its binary. */
type Binary = { readonly version: string; readonly path: string };

const binaryOf = (version: string): Binary => ({ version, path: join(CACHE, version, 'coredns') });

const byVersion = (a: Binary, b: Binary): number =>
  b.version.localeCompare(a.version, 'en', { numeric: true });

/** The binaries in the cache, newest first. */
export function cachedBinaries(): readonly Binary[] {
  if (!existsSync(CACHE)) return [];
  return readdirSync(CACHE)
    .map(binaryOf)
    .filter(({ path }) => existsSync(path))
    .sort(byVersion);
}

/** The newest version of CoreDNS, according to the Go module proxy. */
export const newestVersion = (): string =>
  go(['list', '-m', '-f', '{{.Version}}', `${MODULE}@latest`], homedir())
    .trim()
    .replace(/^v/, '');

/** The binary of a version; builds it if it is not in the cache, which takes 3 to 10 minutes. */
export function builtBinary(version: string): Binary {
  const binary = binaryOf(version);
  if (existsSync(binary.path)) return binary;
  console.log(`building CoreDNS ${version} in ${CACHE}, which takes some minutes`);
  const folder = join(CACHE, version);
  mkdirSync(folder, { recursive: true });
  if (!existsSync(join(folder, 'go.mod'))) go(['mod', 'init', 'example.invalid/coredns'], folder);
  go(['get', `${MODULE}@v${version}`], folder);
  // Renamed at the end, so that an interrupted build leaves no binary.
  go(['build', '-mod=mod', '-trimpath', '-ldflags', '-s -w', '-o', 'unfinished', MODULE], folder);
  renameSync(join(folder, 'unfinished'), binary.path);
  return binary;
}
