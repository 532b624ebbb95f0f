// `npm run test:coredns`: runs the tests of test/coredns against real CoreDNS servers: the newest version and the one
// that EKS ships, or the versions named as arguments. Without a Go toolchain, those in the cache.
//   npm run test:coredns                 10,000 questions per format and version
//   npm run test:coredns -- 1.11.4       the same, with that version
//   npm run test:coredns -- --quick      short form for .ci/run: builds nothing, and takes the newest in the cache
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { resolve } from 'node:path';
import { hasGo } from '../go-toolchain.ts';
import { builtBinary, cachedBinaries, newestVersion } from './build.ts';

/** Results of the run, in Jest's JSON format. */
const RESULTS = '.cache/coredns-results.json';

/** The add-on's version for Kubernetes 1.33 and 1.34: https://docs.aws.amazon.com/eks/latest/userguide/managing-coredns.html */
const EKS_VERSION = '1.12.4';

const args = process.argv.slice(2);
const isQuick = args.includes('--quick');
const chosen = args.filter((arg) => /^v?\d/.test(arg)).map((arg) => arg.replace(/^v/, ''));

function binaries() {
  const cached = cachedBinaries();
  if (isQuick) return cached.slice(0, 1);
  if (!hasGo())
    return chosen.length === 0 ? cached : cached.filter(({ version }) => chosen.includes(version));
  const versions = chosen.length === 0 ? [newestVersion(), EKS_VERSION] : chosen;
  return [...new Set(versions)].map(builtBinary);
}

function main(): number {
  const found = binaries();
  if (found.length === 0) {
    const why = isQuick
      ? 'no binary in the cache (npm run test:coredns builds it)'
      : 'no Go toolchain on the PATH';
    console.log(`CoreDNS suite skipped: ${why}`);
    return 0;
  }
  mkdirSync('.cache', { recursive: true });
  const jest = ['--experimental-vm-modules', '--no-warnings', 'node_modules/jest/bin/jest.js'];
  const tests = ['--testMatch', '**/test/coredns/*.coredns.ts', '--runInBand', '--globalSetup='];
  const run = spawnSync(process.execPath, [...jest, ...tests, '--json', '--outputFile', resolve(RESULTS)], {
    env: {
      ...process.env,
      COREDNS_BINARIES: JSON.stringify(found),
      ...(isQuick ? {} : { COREDNS_FULL: '1' }),
    },
    // Jest writes the JSON to stdout too; the readable report goes to stderr.
    stdio: ['inherit', 'ignore', 'inherit'],
  });
  return run.status ?? 1;
}

process.exitCode = main();
