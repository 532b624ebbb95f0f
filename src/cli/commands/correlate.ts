import { type FileHandle, open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { Command } from 'commander';
import {
  type Asker,
  type Correlation,
  correlate,
  type DnsRecord,
  readRecord,
} from '../lib/records/correlate.ts';
import { EXIT, fail, numberFrom, print, table, warn } from '../terminal.ts';

/** Addresses in a cell of the table; the rest are counted. */
const MAX_SHOWN = 3;

/** `correlate [records.ndjson]`: for every answer from outside the cluster, the pods that asked for it. */
export function correlateCommand(): Command {
  return new Command('correlate')
    .description('join CoreDNS and Resolver records: for every outside answer, the pods that asked for it')
    .argument(
      '[records]',
      'normalized records as NDJSON (transform --format ndjson); - or nothing: stdin',
      '-',
    )
    .option('--json', 'one JSON object per answer instead of a table')
    .option(
      '--cache-seconds <seconds>',
      "how long CoreDNS keeps an answer (the Corefile's cache)",
      numberFrom(0, 86_400),
      '30',
    )
    .action(run);
}

type Options = { readonly json?: true; readonly cacheSeconds: string };

async function run(path: string, options: Options): Promise<void> {
  const { records, others } = await readRecords(path);
  const correlations = correlate(records, Number(options.cacheSeconds) * 1000);
  if (options.json === true) for (const correlation of correlations) print(JSON.stringify(correlation));
  else if (correlations.length > 0) print(tableOf(correlations));
  if (others > 0) warn(`${others} line(s) hold no CoreDNS or Resolver record with a question: left out`);
  if (correlations.length === 0)
    warn(
      `no answer from outside among ${records.length} record(s); make records with transform --format ndjson`,
    );
}

const openFile = (path: string): Promise<FileHandle> =>
  open(path).catch(({ code, message }: NodeJS.ErrnoException) => {
    const why = code === 'ENOENT' ? 'there is no such file' : message;
    throw fail(`cannot read ${path}: ${why}`, 'give an existing file, or - for stdin', EXIT.usage);
  });

async function readRecords(path: string): Promise<{ records: DnsRecord[]; others: number }> {
  if (path === '-' && process.stdin.isTTY)
    throw fail('nothing to read', 'give a file, or pipe records into the command', EXIT.usage);
  const input = path === '-' ? process.stdin : (await openFile(path)).createReadStream();
  const records: DnsRecord[] = [];
  let others = 0;
  for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
    if (line.trim() === '') continue;
    const record = readRecord(line);
    if (record === undefined) others++;
    else records.push(record);
  }
  return { records, others };
}

function tableOf(correlations: readonly Correlation[]): string {
  const rows = correlations.map((one) => {
    const askers = one.askers.length === 0 ? ['nobody in these records'] : one.askers.map(askerText);
    const matches = one.askers.map(({ match, isCandidate }) =>
      isCandidate ? `candidate (${match})` : match,
    );
    return [one.timestamp, `${one.type} ${one.name}`, answerText(one), askers.join('\n'), matches.join('\n')];
  });
  return table(['time', 'question', 'answer', 'asked by', 'match'], rows);
}

function answerText({ responseCode, firewallAction, answers }: Correlation): string {
  const shown = answers.slice(0, MAX_SHOWN);
  if (answers.length > MAX_SHOWN) shown.push(`and ${answers.length - MAX_SHOWN} more`);
  return [[responseCode, firewallAction].filter(Boolean).join(' '), ...shown].join('\n');
}

/** `shop/web-5d9 (deployment/web) x 2`, or the address where no pod is known. */
function askerText({ namespace, pod, workload, clientIp, count }: Asker): string {
  const who = pod === undefined ? clientIp : [namespace, pod].filter(Boolean).join('/');
  return [who, workload && `(${workload})`, count > 1 && `x ${count}`].filter(Boolean).join(' ');
}
