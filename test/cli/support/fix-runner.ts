// Breaks a link of a complete setup, and runs the commands of the fix that `doctor` prints in a shell.
import { beforeEach, expect } from '@jest/globals';
import { doctorCommand } from '../../../src/cli/commands/doctor.ts';
import { runCommand } from '../../support/run-command.ts';
import type { BrokenSetup } from './broken-setups/broken-setup.ts';
import { setupPerTest } from './setup-run.ts';
import { commandsIn, shellPerTest } from './shell-run.ts';

type Check = {
  readonly name: string;
  readonly state: string;
  readonly fix?: string;
  readonly because?: string;
};

// `NAME`, `URL`, `<name>` and `...` would have to be filled in first.
const PLACEHOLDER = /<[a-z][^>]*>|\.\.\.|(?:^|[ =])[A-Z][A-Z_]+(?: |$)/;

/** Words of commands, which a text without commands does not have. */
const COMMAND_WORDS = /(?:eks-dns|aws) [a-z]|sam (?:build|deploy)|kubectl/;

/** The command with an answer to its question, as here is no terminal, and without the time that IAM takes. */
const withoutWaiting = (command: string): string =>
  command
    .replace(/ enable-coredns-log(?= )/, '$& --yes')
    .replace(/ (?:attach|detach)(?= )/, '$& --settle-seconds 0');

/** Prepares a complete setup before each test. */
export function fixRunnerPerTest({ isComplete = true } = {}) {
  const run = setupPerTest();
  const shell = shellPerTest();
  beforeEach(async () => {
    if (isComplete) expect((await run.setupAll()).code).toBe(0);
    Object.assign(run.account.state.metrics, { IncomingRecords: 9, EventsIn: 9, EventsCoreDns: 9 });
    run.dynatrace.platform.arrivals.lifted = 5;
  });

  const doctor = async (args: readonly string[] = []): Promise<readonly Check[]> => {
    const options = ['--stream', 'dynatrace', '--dynatrace', run.dynatrace.url, ...args, '--json'];
    const { stdout, stderr } = await runCommand(doctorCommand(), options);
    if (stdout === '') throw new Error(stderr);
    return JSON.parse(stdout).checks;
  };

  /** What the real tools would have done to the account and the cluster. */
  const applyToolCalls = (): void => {
    for (const call of shell.toolCalls()) {
      const text = call.join(' ');
      const [, principal = ''] = / --principal-arn (\S+)/.exec(text) ?? [];
      if (text.startsWith('aws eks create-access-entry'))
        run.eks.accessEntries.set(principal, ['eks-dns-firehose']);
      if (text.startsWith('aws route53resolver disassociate')) run.account.associations.clear();
      if (text.startsWith('kubectl apply'))
        Object.assign(run.eks, { groupMayList: true, groupMayListLeases: true });
    }
    shell.forgetCalls();
  };

  /** Runs the commands of a fix one after the other; each has to be understood, and to do or show something. */
  const runFix = async (fix: string, env = process.env, folder?: string): Promise<void> => {
    for (const command of commandsIn(fix)) {
      const line = withoutWaiting(command);
      const { code, stdout, stderr } = await shell.run(line, env, folder);
      expect({ line, code, stderr: code === 0 ? '' : stderr }).toEqual({ line, code: 0, stderr: '' });
      expect(stdout).not.toMatch(/nothing to do|nothing to change|nothing would change/);
      applyToolCalls();
    }
  };

  /** The whole story of one break. */
  const checkFix = async ({ break: breakIt, args, check, fix }: BrokenSetup): Promise<void> => {
    await breakIt(run);
    const checks = await doctor(args);
    const found = checks.find(
      ({ name, state, because }) => name === check && state !== 'ok' && because === undefined,
    );
    expect(found).toMatchObject({ fix: expect.any(String) });
    for (const { fix: printed = '', because } of checks) {
      for (const command of commandsIn(printed)) expect(command).not.toMatch(PLACEHOLDER);
      // It would do nothing, or fail, before its cause is mended.
      if (because !== undefined) expect(printed).toBe('');
    }
    const printed = found?.fix ?? '';
    expect({ printed, says: commandsIn(printed).length === 0 }).toEqual({ printed, says: fix === 'says' });
    if (fix === 'says') expect(printed).not.toMatch(COMMAND_WORDS);
    await runFix(printed);
    if (fix !== 'mends') return;
    const after = (await doctor(args)).filter(({ name }) => name === check);
    expect(after.map(({ state, fix: left }) => ({ state, left }))).toEqual([
      { state: 'ok', left: undefined },
    ]);
  };

  return { run, shell, doctor, runFix, checkFix };
}
