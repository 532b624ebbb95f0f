import { type FileHandle, open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import { Command } from 'commander';
import { requirePipedInput, unreadable } from '../lib/io/input-file.ts';
import {
  type Correlation,
  correlate,
  type DnsRecord,
  type Requester,
  readRecord,
} from '../lib/records/correlate.ts';
import { commandLine } from '../lib/shell.ts';
import { numberFrom, print, table, warn } from '../terminal.ts';

/** Maximum number of answers in a cell; the others are only counted. */
const MAX_SHOWN = 3;

/** `correlate [records.ndjson]`: for every answer from outside the cluster, the pods that requested it. */
export function correlateCommand(): Command {
  return new Command('correlate')
    .description('join CoreDNS and Resolver records: for every outside answer, the pods that requested it')
    .argument('[records]', 'normalised records as NDJSON (transform --format ndjson); - for stdin', '-')
    .option('--json', 'one JSON object per answer instead of a table')
    .option(
      '--cache-seconds <seconds>',
      "TTL of CoreDNS's cache (the Corefile's cache plugin)",
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
  if (others > 0) warn(`${others} line(s) ignored: not a CoreDNS or Resolver record with a question`);
  if (correlations.length === 0)
    warn(records.length === 0 ? `no record; ${howToMake(path)}` : NO_ANSWER(records.length));
}

const NO_ANSWER = (records: number): string =>
  `no outside answer in ${records} record(s): the log of the Route 53 Resolver holds them`;

/** The command that makes records of the log that was given. */
const howToMake = (path: string): string =>
  path === '-'
    ? 'records are what `eks-dns transform --format ndjson` makes of a log on stdin'
    : `records of a log: \`${commandLine(['eks-dns', 'transform', '--format', 'ndjson', path])} | eks-dns correlate\``;

const openFile = (path: string): Promise<FileHandle> =>
  open(path).catch((error: NodeJS.ErrnoException) => {
    throw unreadable(path, error);
  });

async function readRecords(path: string): Promise<{ records: DnsRecord[]; others: number }> {
  requirePipedInput(path, 'records');
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
    const { requesters } = one;
    const clients = requesters.length === 0 ? ['none in these records'] : requesters.map(requesterText);
    const matches = requesters.map(({ match, isCandidate }) =>
      isCandidate ? `candidate (${match})` : match,
    );
    return [
      one.timestamp,
      `${one.type} ${one.name}`,
      answerText(one),
      clients.join('\n'),
      matches.join('\n'),
    ];
  });
  return table(['time', 'query', 'answer', 'client', 'match'], rows);
}

function answerText({ responseCode, firewallAction, answers }: Correlation): string {
  const shown = answers.slice(0, MAX_SHOWN);
  if (answers.length > MAX_SHOWN) shown.push(`and ${answers.length - MAX_SHOWN} more`);
  return [[responseCode, firewallAction].filter(Boolean).join(' '), ...shown].join('\n');
}

/** `shop/web-5d9 (deployment/web) x 2`, or the address if the pod is unknown. */
function requesterText({ namespace, pod, workload, clientIp, count }: Requester): string {
  const client = pod === undefined ? clientIp : [namespace, pod].filter(Boolean).join('/');
  return [client, workload && `(${workload})`, count > 1 && `x ${count}`].filter(Boolean).join(' ');
}
