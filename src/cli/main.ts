#!/usr/bin/env node
import { Command } from 'commander';
import { invokeCommand } from './invoke.ts';
import { makeEventCommand } from './make-event.ts';
import { run } from './terminal.ts';
import { transformCommand } from './transform.ts';

const program = new Command('eks-dns')
  .description('EKS DNS logs through Firehose, attributed to the pod that asked')
  .version('0.1.0')
  .showSuggestionAfterError()
  .showHelpAfterError('(--help says more)');

const COMMANDS = {
  'Try it': [transformCommand(), invokeCommand(), makeEventCommand()],
} as const;

for (const [heading, commands] of Object.entries(COMMANDS)) {
  for (const command of commands) program.addCommand(command.helpGroup(`${heading}:`));
}

await run(program);
