import { mkdir, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Command, InvalidArgumentError } from 'commander';
import { type AllowList, buildAllowList, type ListOptions } from '../lib/allow-list/build.ts';
import { type CheckResult, checkLog } from '../lib/allow-list/check.ts';
import { filesOf } from '../lib/allow-list/files.ts';
import { createCollector, MAX_NAMES, type SeenLog } from '../lib/allow-list/names.ts';
import { inputText, printAllowList, printBlocked } from '../lib/allow-list/print.ts';
import { createZoneOf, type ZoneOf } from '../lib/allow-list/zones.ts';
import type { Aws } from '../lib/aws/clients.ts';
import { awsCommand, collect } from '../lib/aws/command.ts';
import type { JsonRecord } from '../lib/io/firehose-response.ts';
import { readSettings } from '../lib/records/pipeline.ts';
import type { InputCount } from '../lib/records/read-files.ts';
import { READ_EVENTS_GRANT } from '../lib/records/read-log-group.ts';
import { addInputOptions, type InputOptions, readRecords, whyNoRecord } from '../lib/records/record-input.ts';
import { EXIT, fail, numberFrom, print, printJson, progress, warn } from '../terminal.ts';

type Options = InputOptions & {
  readonly out?: string;
  readonly atLeastHours: string;
  readonly fold: string;
  readonly wildcard?: readonly string[];
  readonly ignoreSignal?: readonly string[];
  readonly selectorLabel: string;
  readonly vpc?: string;
  readonly test?: readonly string[];
  readonly json?: true;
};

/** `eks-dns allow-list`: from the names of a log to the lists that allow them, and nothing more. */
export function allowListCommand(): Command {
  const summary = 'turn observed names into allow lists: Cilium toFQDNs per workload, DNS Firewall per VPC';
  return addInputOptions(awsCommand('allow-list', summary, [READ_EVENTS_GRANT], run))
    .option('--out <folder>', 'write the lists to this folder (without it they are only reported)')
    .option(
      '--at-least-hours <hours>',
      'refuse records of a shorter time: what runs once a week has to be in them',
      numberFrom(0),
      '168',
    )
    .option('--fold <names>', 'least number of names below one parent for a wildcard', numberFrom(2), '10')
    .option(
      '--wildcard <domain>',
      'write this domain as a wildcard, whatever its width and signals; repeat, or separate with commas',
      wildcards,
    )
    .option(
      '--ignore-signal <signal>',
      'a signal that does not keep a name out, such as firewall-alert of this very list',
      collect,
    )
    .option(
      '--selector-label <key>',
      'label by which a policy selects the pods of a workload',
      labelKey,
      'app.kubernetes.io/name',
    )
    .option('--vpc <id>', 'VPC of records that name none')
    .option('--test <file>', 'a second log: report what the lists would block in it; repeat', collect)
    .option('--json', 'print lists and reports as JSON')
    .addHelpText(
      'after',
      '\nExit code 1 if a name of the second log would be blocked that carries no signal; 3 if the records are of too short a time.',
    );
}

const DOMAIN = /^[a-z0-9-]{1,63}(?:\.[a-z0-9-]{1,63})*$/;

function wildcards(value: string, before: readonly string[] = []): readonly string[] {
  const domains = collect(value, []).map((one) => one.toLowerCase().replace(/^\*\.|\.$/g, ''));
  const wrong = domains.find((domain) => !DOMAIN.test(domain));
  if (wrong !== undefined)
    throw new InvalidArgumentError(`"${wrong}" is not a domain that both formats can hold.`);
  return [...before, ...domains];
}

function labelKey(value: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9./_-]{0,316}$/.test(value))
    throw new InvalidArgumentError('Expected the key of a label.');
  return value;
}

async function run(options: Options, aws: Aws, files: readonly string[]): Promise<void> {
  const zoneOf = createZoneOf(readSettings(options.directory));
  const log = await seen(readRecords(files, options, aws, newCount()), zoneOf, options);
  refuseShort(log, Number(options.atLeastHours), files);
  const listOptions: ListOptions = {
    fold: Number(options.fold),
    wildcards: options.wildcard ?? [],
    selectorLabel: options.selectorLabel,
    vpc: options.vpc,
  };
  const list = buildAllowList(log, zoneOf, listOptions);
  const same = checkLog(log, list, listOptions);
  const other = await checkOther(options, aws, zoneOf, list, listOptions);
  if (options.json === true) printJson({ period: periodOf(log), ...list, blocked: same, test: other });
  else {
    print(inputText(log));
    print();
    printAllowList(list, same);
    if (other !== undefined) {
      print();
      print('Would be blocked in the second log:');
      printBlocked(other);
    }
  }
  if (options.out !== undefined) await write(options.out, list, inputText(log));
  if (other?.blocked.some(({ cause }) => cause === 'new')) process.exitCode = EXIT.failed;
}

const newCount = (): InputCount => ({ records: 0, ignored: 0 });

async function seen(records: AsyncIterable<JsonRecord>, zoneOf: ZoneOf, options: Options): Promise<SeenLog> {
  const { log, add } = createCollector(zoneOf, new Set(options.ignoreSignal), options.selectorLabel);
  for await (const record of records)
    if (!add(record))
      throw fail(
        `more than ${MAX_NAMES.toLocaleString('en')} names: this log holds generated names, and is not what a list is made from`,
        'look at it with the command report, and leave the time of the tunnel out with --from and --to',
        EXIT.refused,
      );
  return log;
}

const HOUR_MS = 3_600_000;

const periodOf = ({ firstMs, lastMs, hours, records }: SeenLog) => ({
  from: new Date(firstMs).toISOString(),
  to: new Date(lastMs).toISOString(),
  hours: Math.round((lastMs - firstMs) / HOUR_MS),
  hoursWithRecords: hours.size,
  records,
});

/** Refuses records of a shorter time, also where two records lie far apart and hardly any between them. */
function refuseShort(log: SeenLog, atLeastHours: number, files: readonly string[]): void {
  const remedy = 'use records of a longer time, or say with --at-least-hours that this one is enough';
  if (log.records === 0) throw fail('no record with a question', whyNoRecord(files), EXIT.refused);
  const hours = (log.lastMs - log.firstMs) / HOUR_MS;
  if (hours < atLeastHours)
    throw fail(`the records are of ${hours.toFixed(1)} hours, not of ${atLeastHours}`, remedy, EXIT.refused);
  if (log.hours.size * 2 < atLeastHours)
    throw fail(
      `only ${log.hours.size} hours have records, not half of ${atLeastHours}`,
      remedy,
      EXIT.refused,
    );
  const gaps = Math.floor(hours) - log.hours.size;
  if (gaps > 0) warn(`${gaps} of ${Math.floor(hours)} hours have no record`);
  if (!log.hasExpansions)
    progress('no search expansion in the records: policies contain those that ndots:5 makes of the names');
}

async function checkOther(
  options: Options,
  aws: Aws,
  zoneOf: ZoneOf,
  list: AllowList,
  listOptions: ListOptions,
): Promise<CheckResult | undefined> {
  if (options.test === undefined) return undefined;
  const { directory } = options;
  const input = directory === undefined ? {} : { directory };
  const log = await seen(readRecords(options.test, input, aws, newCount()), zoneOf, options);
  return checkLog(log, list, listOptions);
}

async function write(folder: string, list: AllowList, about: string): Promise<void> {
  const { files, skipped } = filesOf(list, `eks-dns allow-list, ${about}`);
  for (const { path, text } of files) {
    const file = join(folder, path);
    await mkdir(dirname(file), { recursive: true });
    await writeFile(file, text);
  }
  progress(`${files.length} files in ${folder}`);
  if (skipped.length > 0)
    warn(`${skipped.length} workload(s) skipped: their names are not names of Kubernetes`);
}
