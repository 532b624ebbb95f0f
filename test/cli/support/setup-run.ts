// `setup` on an account that remembers what is done to it, a cluster and an environment of Dynatrace.
import { beforeEach } from '@jest/globals';
import { setupCommand } from '../../../src/cli/commands/setup.ts';
import { runCommand } from '../../support/run-command.ts';
import { createAccount, preparePath } from './account.ts';
import { callsStubPerTest } from './calls-stub.ts';
import { PLATFORM, startDynatraceStub } from './dynatrace-stub/index.ts';
import { runDynatrace, setToken } from './dynatrace-stub/run.ts';
import { eksStubPerTest } from './eks-stub.ts';

/** The Corefile of the cluster, before. */
export const COREFILE = '.:53 {\n    errors\n    kubernetes cluster.local\n    reload\n}\n';
/** Log group of the Resolver. */
export const RESOLVER = '/aws/vendedlogs/route53resolver/eks-dns-firehose';

/** Prepares all of it before each test. */
export function setupPerTest() {
  const startStub = callsStubPerTest();
  const eks = eksStubPerTest();
  let account: ReturnType<typeof createAccount>;
  let dynatrace: Awaited<ReturnType<typeof startDynatraceStub>>;
  let stub: Awaited<ReturnType<typeof startStub>>;
  beforeEach(async () => {
    eks.state.configMaps.set('coredns', { corefile: COREFILE, version: 1 });
    account = createAccount(eks);
    stub = await startStub(account.answers);
    process.env.AWS_ENDPOINT_URL_EKS = eks.url;
    dynatrace = await startDynatraceStub();
    setToken(PLATFORM);
    preparePath(true);
  });
  const setup = (...args: readonly string[]) =>
    runCommand(setupCommand(), ['--cluster', 'shop', '--settle-seconds', '0', ...args]);
  return {
    get eks() {
      return eks.state;
    },
    get account() {
      return account;
    },
    get dynatrace() {
      return dynatrace;
    },
    setup,
    /** `dynatrace apply` on the environment. */
    apply: (...args: readonly string[]) => runDynatrace(['apply', dynatrace.url, ...args]),
    setupAll: (...args: readonly string[]) => setup('--dynatrace', dynatrace.url, '--yes', ...args),
    /** Every call that changed something in AWS. */
    writes: () =>
      stub.calls.map(({ operation }) => operation).filter((one) => !/^(Describe|List|Get)/.test(one)),
    /** Forgets the calls so far. */
    forget: () => {
      stub.calls.length = 0;
      dynatrace.writes.length = 0;
    },
  };
}
