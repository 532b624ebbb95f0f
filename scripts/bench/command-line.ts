// `transform` over long logs: whether time is linear, memory flat, and the first row early.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, mkdtempSync, openSync, rmSync, writeSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { progress, table } from '../../src/cli/terminal.ts';
import type { Findings } from './section.ts';
import { fixed } from './setup.ts';

const LINES = [100_000, 1_000_000];
const FORMATS = ['pretty', 'ndjson'];
const NAMES = 5000;
const FIRST_ROW_GOAL_MS = 1000;
const GROWTH_GOAL = 1.5;

type Measured = {
  readonly format: string;
  readonly lines: number;
  readonly firstRowMs: number;
  readonly cpuSeconds: number;
  readonly peakMb: number;
};

// Written at the end of the measured process.
const REPORT = `data:text/javascript,${encodeURIComponent(
  `process.on('exit', () => {
    const { userCPUTime, systemCPUTime, maxRSS } = process.resourceUsage();
    console.error('USAGE ' + JSON.stringify([(userCPUTime + systemCPUTime) / 1e6, maxRSS / 1024]));
  });`,
)}`;

/** Measures `transform` over 100,000 and 1,000,000 lines of CoreDNS, each in a process of its own. */
export async function measureCommandLine(): Promise<Findings> {
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const figures: Measured[] = [];
  try {
    for (const lines of LINES) {
      const path = join(folder, `${lines}.log`);
      writeLines(path, lines);
      for (const format of FORMATS) {
        progress(`transform: ${lines} lines as ${format}`);
        figures.push(await measure(path, lines, format));
      }
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
  const rows = figures.map(({ format, lines, firstRowMs, cpuSeconds, peakMb }) => [
    format,
    String(lines),
    `${fixed(firstRowMs, 0)} ms`,
    `${fixed(cpuSeconds, 1)} s`,
    `${fixed((cpuSeconds * 1e6) / lines, 1)} us`,
    `${fixed(peakMb, 0)} MB`,
  ]);
  return {
    figures,
    text: table(['format', 'lines', 'first row', 'CPU', 'CPU per line', 'peak memory'], rows),
    verdicts: FORMATS.flatMap((format) => verdictsOf(figures.filter((one) => one.format === format))),
  };
}

function verdictsOf([short, long]: readonly Measured[]) {
  if (short === undefined || long === undefined) return [];
  const cpuGrowth = long.cpuSeconds / long.lines / (short.cpuSeconds / short.lines);
  const memoryGrowth = long.peakMb / short.peakMb;
  const { format } = long;
  return [
    {
      target: `transform -f ${format}, 1,000,000 lines: first row <= ${FIRST_ROW_GOAL_MS} ms`,
      found: `${fixed(long.firstRowMs, 0)} ms`,
      isMet: long.firstRowMs <= FIRST_ROW_GOAL_MS,
    },
    {
      target: `transform -f ${format}: CPU per line and memory <= ${GROWTH_GOAL} times those of 100,000 lines`,
      found: `${fixed(cpuGrowth)} and ${fixed(memoryGrowth)}`,
      isMet: Math.max(cpuGrowth, memoryGrowth) <= GROWTH_GOAL,
    },
  ];
}

/** Writes lines of `NAMES` names, as CoreDNS prints them. */
function writeLines(path: string, lines: number): void {
  const file = openSync(path, 'w');
  const block: string[] = [];
  for (let i = 0; i < lines; i++) {
    const client = `172.31.${(i >> 8) % 64}.${i % 250}:${20_000 + (i % 40_000)}`;
    block.push(
      `[INFO] ${client} - ${i % 65_536} "A IN host-${i % NAMES}.example.org. udp 52 false 1232" NOERROR qr,rd,ra 108 0.00042s\n`,
    );
    if (block.length === 10_000 || i === lines - 1) writeSync(file, block.splice(0).join(''));
  }
  closeSync(file);
}

async function measure(path: string, lines: number, format: string): Promise<Measured> {
  const startMs = performance.now();
  const args = ['dist/cli.mjs', 'transform', '-d', 'events/directory.json', '-f', format, path];
  const child = spawn(process.execPath, ['--import', REPORT, ...args]);
  let firstRowMs = Number.NaN;
  let errors = '';
  child.stdout.once('data', () => {
    firstRowMs = performance.now() - startMs;
  });
  child.stdout.resume();
  child.stderr.on('data', (chunk) => {
    errors += String(chunk);
  });
  await once(child, 'close');
  const [, usage] = /^USAGE (.*)$/m.exec(errors) ?? [];
  if (usage === undefined) throw new Error(`transform failed: ${errors}`);
  const [cpuSeconds, peakMb] = JSON.parse(usage) as [number, number];
  return { format, lines, firstRowMs, cpuSeconds, peakMb };
}
