import type { Command } from 'commander';
import type { Aws } from '../lib/aws/clients.ts';
import { awsCommand } from '../lib/aws/command.ts';
import { withDecided } from '../lib/setup/decided.ts';
import { agesText } from '../lib/state/index.ts';
import {
  addStreamOptions,
  readStatus,
  STATUS_GRANTS,
  type StreamOptions,
  type StreamStatus,
} from '../lib/stream/index.ts';
import { print, printJson, table } from '../terminal.ts';

type Options = StreamOptions & { readonly json?: boolean };

/** `eks-dns status`: shows how a stream processes its records, and whether it can. */
export function statusCommand(): Command {
  const command = awsCommand(
    'status',
    'show how a stream processes its records',
    STATUS_GRANTS,
    run,
    (options) => withDecided(options, ['region', 'stream']),
  );
  return addStreamOptions(command).option('--json', 'print the status as JSON');
}

async function run(options: Options, aws: Aws): Promise<void> {
  const status = await readStatus(aws, options);
  if (options.json === true) printJson(status);
  else print(statusTable(status));
}

const yesOrNo = (value: boolean | undefined): string => (value === undefined ? '-' : value ? 'yes' : 'NO');

function statusTable(status: StreamStatus): string {
  const { processing, before } = status;
  return table(
    ['stream', `${status.stream} (${status.status}, version ${status.version})`],
    [
      ['delivers to', status.endpoint ?? 'no HTTP endpoint'],
      ['processing', processing.Enabled === true ? 'on' : 'off'],
      ...(processing.Processors ?? []).map(({ Type, Parameters }) => [
        `  ${Type}`,
        (Parameters ?? []).map((one) => `${one.ParameterName}=${one.ParameterValue}`).join('\n'),
      ]),
      ['function exists', yesOrNo(status.functionExists)],
      ['role may call function', yesOrNo(status.roleMayCallFunction)],
      ['error log', status.errorLogGroup ?? 'off'],
      ['backup', status.backupBucket ?? '-'],
      ...(status.snapshots === undefined ? [] : [['snapshots', agesText(status.snapshots)]]),
      ['before attach', before === undefined ? '-' : JSON.stringify(before)],
    ],
  );
}
