#!/usr/bin/env node
import { Command } from 'commander';
import { allowListCommand } from './commands/allow-list.ts';
import { attachCommand } from './commands/attach.ts';
import { correlateCommand } from './commands/correlate.ts';
import { detachCommand } from './commands/detach.ts';
import { doctorCommand } from './commands/doctor.ts';
import { dynatraceCommand } from './commands/dynatrace.ts';
import { enableCorednsLogCommand } from './commands/enable-coredns-log.ts';
import { enableResolverLogCommand } from './commands/enable-resolver-log.ts';
import { explainFormatCommand } from './commands/explain-format.ts';
import { invokeCommand } from './commands/invoke.ts';
import { lookupRoleCommand } from './commands/lookup-role.ts';
import { makeDirectoryCommand } from './commands/make-directory.ts';
import { makeEventCommand } from './commands/make-event.ts';
import { reportCommand } from './commands/report.ts';
import { setupCommand } from './commands/setup.ts';
import { simulateCommand } from './commands/simulate.ts';
import { statusCommand } from './commands/status.ts';
import { subscribeCommand } from './commands/subscribe.ts';
import { transformCommand } from './commands/transform.ts';
import { unsubscribeCommand } from './commands/unsubscribe.ts';
import { run } from './terminal.ts';

const program = new Command('eks-dns')
  .description('Add the querying pod to EKS DNS logs in a Firehose stream')
  .version('1.0.0')
  .showSuggestionAfterError()
  .showHelpAfterError('(see --help)')
  .addHelpText(
    'after',
    '\nExit codes: 0 done, 1 failed or a check failed, 2 usage error, 3 refused: unsafe change.',
  );

const COMMANDS: Readonly<Record<string, readonly Command[]>> = {
  'Try it': [
    transformCommand(),
    makeDirectoryCommand(),
    invokeCommand(),
    makeEventCommand(),
    explainFormatCommand(),
  ],
  'Set up everything': [setupCommand()],
  'Enable logging': [enableCorednsLogCommand(), enableResolverLogCommand()],
  'Connect to the delivery stream': [
    subscribeCommand(),
    unsubscribeCommand(),
    attachCommand(),
    detachCommand(),
    statusCommand(),
    lookupRoleCommand(),
  ],
  'Set up Dynatrace': [dynatraceCommand()],
  'Check and hunt': [
    doctorCommand(),
    correlateCommand(),
    allowListCommand(),
    reportCommand(),
    simulateCommand(),
  ],
};

for (const [heading, commands] of Object.entries(COMMANDS)) {
  for (const command of commands) {
    program.addCommand(command.helpGroup(`${heading}:`));
    for (const one of [command, ...command.commands]) one.copyInheritedSettings(program);
  }
}

await run(program);
