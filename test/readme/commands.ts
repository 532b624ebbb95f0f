// The commands of README and docs/: those that a test runs, and what they must print.
import { spawnSync } from 'node:child_process';
import { describe } from '@jest/globals';

/** A command without AWS or network, and a characteristic part of its output. */
export const RUNS: readonly (readonly [line: RegExp, prints: RegExp])[] = [
  [/^npm run demo$/, /billing\/invoice-batch-[\s\S]*who asked for it[\s\S]*cmd:ls -la \/tmp/],
  [/^npm run demo -- --all$/, /2024\s+9\s+1621\s+402\s+1\n/],
  [/^printf .* transform /, /"dns\.question\.name":"www\.dynatrace\.com".*"k8s\.pod\.name":"checkout-/],
  [
    /^npm run -s invoke -- .* --decode$/,
    /Ok, 5 normalised[\s\S]*payments\/checkout-[\s\S]*AAAA api\.stripe\.com\.payments/,
  ],
  [/cli -- --help$/, /Exit codes: 0 done/],
  [/cli -- transform .*10-address/, /billing\/invoice-batch-[\s\S]*unknown[\s\S]*web\/storefront-/],
  [/cli -- make-event /, /"approximateArrivalTimestamp": \d+,\n\s+"data": "H4sI/],
  [/cli -- explain-format /, /k8s\.pod\.name \(inferred\)[\s\S]*none: every line is unambiguous/],
  [/cli -- correlate$/, /"cmd:6c73202d6c61202f746d70"/],
  [
    /cli -- allow-list -d /,
    /DNS Firewall vpc-[0-9a-f]+ +\d+[\s\S]*same log:\nnothing\n[\s\S]*second log:[\s\S]*sync\.example\.net .* hex-label/,
  ],
  [/cli -- report -d /, /^$/],
  [/cli -- simulate /, /events in\s+2000\n[\s\S]*\nlost\s+0\n/],
];

/** Starts of lines that need AWS, a cluster or the network, or run this very test: they are checked, but not run. */
export const ELSEWHERE = /^(export DT_TOKEN|sam|aws|kubectl|npm ci$|npm test$|npm run check$)/;

/** Commands of ours that talk to AWS or Dynatrace. */
export const AWS_COMMAND =
  /^npm run -s cli -- (attach|detach|status|subscribe|unsubscribe|enable-coredns-log|enable-resolver-log|doctor|lookup-role|allow-list|report|setup|dynatrace (?:apply|status|remove))\b/;

/** Every line of the `sh` blocks of a document, without an installation in front: the packages are there. */
export const shellLines = (markdown: string): readonly string[] =>
  [...markdown.matchAll(/^```sh\n([\s\S]*?)^```$/gm)].flatMap(([, block = '']) =>
    block
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => line.replace(/^npm ci && /, '')),
  );

/** A tool that documents use and that no package installs. */
const JQ = 'jq';

/** A `describe` of commands that need it; skipped where it is not installed. */
export const describeWithJq = spawnSync(JQ, ['--version']).status === 0 ? describe : describe.skip;
