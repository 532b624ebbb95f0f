#!/usr/bin/env node
import { Command } from 'commander';
import { attachCommand } from './attach.ts';
import { correlateCommand } from './correlate.ts';
import { detachCommand } from './detach.ts';
import { doctorCommand } from './doctor.ts';
import { enableCorednsLogCommand } from './enable-coredns-log.ts';
import { enableResolverLogCommand } from './enable-resolver-log.ts';
import { explainFormatCommand } from './explain-format.ts';
import { invokeCommand } from './invoke.ts';
import { makeEventCommand } from './make-event.ts';
import { simulateCommand } from './simulate.ts';
import { statusCommand } from './status.ts';
import { subscribeCommand } from './subscribe.ts';
import { run } from './terminal.ts';
import { transformCommand } from './transform.ts';
import { unsubscribeCommand } from './unsubscribe.ts';

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
