// Every fix that `doctor` prints runs as it is printed: each link of a complete setup is broken in turn, the commands of the
// fix are run in a shell, and where they are ours to mend it, `doctor` finds the link whole afterwards.
import { afterAll, it } from '@jest/globals';
import { expectAllReached } from './support/recorded-checks.ts';

const { fixRunnerPerTest } = await import('./support/fix-runner.ts');
const { FUNCTION_AND_STREAM } = await import('./support/broken-setups/stream.ts');
const { CLUSTERS } = await import('./support/broken-setups/clusters.ts');
const { FLOW, LOGS } = await import('./support/broken-setups/logs.ts');

const { checkFix } = fixRunnerPerTest();

it.each([...FUNCTION_AND_STREAM, ...CLUSTERS, ...LOGS, ...FLOW])('$name: the fix $fix', checkFix);

afterAll(() => expectAllReached(/^doctor\//));
