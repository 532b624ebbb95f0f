#!/usr/bin/env node
import { Command } from 'commander';
import { attachCommand } from './commands/attach.ts';
import { correlateCommand } from './commands/correlate.ts';
import { detachCommand } from './commands/detach.ts';
import { doctorCommand } from './commands/doctor.ts';
import { enableCorednsLogCommand } from './commands/enable-coredns-log.ts';
import { enableResolverLogCommand } from './commands/enable-resolver-log.ts';
import { explainFormatCommand } from './commands/explain-format.ts';
import { invokeCommand } from './commands/invoke.ts';
import { makeEventCommand } from './commands/make-event.ts';
import { simulateCommand } from './commands/simulate.ts';
import { statusCommand } from './commands/status.ts';
import { subscribeCommand } from './commands/subscribe.ts';
import { transformCommand } from './commands/transform.ts';
import { unsubscribeCommand } from './commands/unsubscribe.ts';
import { run } from './terminal.ts';

const program = new Command('eks-dns')
  .description('EKS DNS logs through Firehose, attributed to the pod that asked')
  .version('1.0.0')
  .showSuggestionAfterError()
  .showHelpAfterError('(--help says more)')
  .addHelpText(
    'after',
    '\nExit codes: 0 done, 1 failed or a check is red, 2 wrong use, 3 refused because it would harm.',
  );

const COMMANDS: Readonly<Record<string, readonly Command[]>> = {
  'Try it': [transformCommand(), invokeCommand(), makeEventCommand(), explainFormatCommand()],
  'Switch the logs on': [enableCorednsLogCommand(), enableResolverLogCommand()],
  'Chain it': [subscribeCommand(), unsubscribeCommand(), attachCommand(), detachCommand(), statusCommand()],
  'Check and hunt': [doctorCommand(), correlateCommand(), simulateCommand()],
};

for (const [heading, commands] of Object.entries(COMMANDS)) {
  for (const command of commands) {
    program.addCommand(command.copyInheritedSettings(program).helpGroup(`${heading}:`));
  }
}

await run(program);
