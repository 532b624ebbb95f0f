import { open } from 'node:fs/promises';
import { createInterface } from 'node:readline';
import Table from 'cli-table3';
import { Command } from 'commander';
import { type Asker, type Correlation, correlate, type DnsRecord, readRecord } from './correlate-records.ts';

/** Addresses in a cell of the table; the rest are counted. */
const MAX_SHOWN = 3;

/** `correlate [records.ndjson]`: for every answer from outside the cluster, the pods that asked for it. */
export function correlateCommand(): Command {
  return new Command('correlate')
    .description('join CoreDNS and Resolver records: for every outside answer, the pods that asked for it')
    .argument('[records]', 'normalized records as NDJSON; - or nothing: standard input', '-')
    .option('--json', 'one JSON object per answer instead of a table')
    .option('--cache-seconds <seconds>', "how long CoreDNS keeps an answer (the Corefile's cache)", '30')
    .action(run);
}

type Options = { readonly json?: true; readonly cacheSeconds: string };

async function run(path: string, options: Options, command: Command): Promise<void> {
  if (!/^\d{1,6}$/.test(options.cacheSeconds)) command.error('error: --cache-seconds takes whole seconds');
  const { records, others } = await readRecords(path).catch((fault: Error) =>
    command.error(`error: ${fault.message}`),
  );
  const correlations = correlate(records, Number(options.cacheSeconds) * 1000);
  if (options.json === true) for (const correlation of correlations) console.log(JSON.stringify(correlation));
  else console.log(tableOf(correlations));
  if (others > 0)
    console.error(`${others} line(s) hold no CoreDNS or Resolver record with a question: left out`);
}

async function readRecords(path: string): Promise<{ records: DnsRecord[]; others: number }> {
  const input = path === '-' ? process.stdin : (await open(path)).createReadStream();
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
  const table = new Table({
    head: ['time', 'question', 'answer', 'asked by', 'match'],
    style: { head: [], border: [] },
  });
  for (const one of correlations) {
    const askers = one.askers.length === 0 ? ['nobody in these records'] : one.askers.map(askerText);
    const matches = one.askers.map(({ match, isCandidate }) =>
      isCandidate ? `candidate (${match})` : match,
    );
    table.push([
      one.timestamp,
      `${one.name} ${one.type}`,
      answerText(one),
      askers.join('\n'),
      matches.join('\n'),
    ]);
  }
  return table.toString();
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
