// Runs commands in a shell as they were printed, with the built command line and strict stand-ins of the other tools.
import { execFile } from 'node:child_process';
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join, resolve } from 'node:path';
import { afterEach, beforeEach } from '@jest/globals';
import type { Run } from '../../support/run-command.ts';

const CLI = resolve('dist/cli.mjs');
const STRICT_TOOL = resolve('test/cli/support/strict-tool.mjs');

/** The commands in a text: the whole of it, or what stands between backticks. */
export const commandsIn = (fix: string): readonly string[] =>
  /^(?:\(cd|eks-dns|aws|kubectl|sam|npm|node) /.test(fix)
    ? [fix]
    : [...fix.matchAll(/`([^`]+)`/g)].map(([, command = '']) => command);

/** Prepares a folder of tools for each test; `run` runs a command in `folder`, `toolCalls` what was asked of the stand-ins. */
export function shellPerTest() {
  let tools = '';
  const log = (): string => join(tools, 'calls');
  const script = (name: string, command: string): void => {
    writeFileSync(join(tools, name), `#!/bin/sh\nexec "${process.execPath}" ${command} "$@"\n`);
    chmodSync(join(tools, name), 0o755);
  };
  beforeEach(() => {
    tools = mkdtempSync(join(tmpdir(), 'tools-'));
    script('eks-dns', `"${CLI}"`);
    for (const tool of ['aws', 'kubectl', 'sam']) script(tool, `"${STRICT_TOOL}" ${tool}`);
    writeFileSync(log(), '');
  });
  afterEach(() => rmSync(tools, { recursive: true, force: true }));
  return {
    run: (command: string, env: NodeJS.ProcessEnv = process.env, folder = process.cwd()): Promise<Run> => {
      const PATH = [tools, dirname(process.execPath), '/usr/bin', '/bin'].join(delimiter);
      const options = {
        cwd: folder,
        env: { ...env, PATH, STRICT_TOOL_LOG: log() },
        encoding: 'utf8',
      } as const;
      return new Promise((done) => {
        const child = execFile('/bin/sh', ['-c', command], options, (error, stdout, stderr) =>
          done({ code: error === null ? 0 : Number(error.code ?? -1), stdout, stderr }),
        );
        child.stdin?.end();
      });
    },
    toolCalls: (): readonly (readonly string[])[] =>
      readFileSync(log(), 'utf8')
        .split('\n')
        .filter(Boolean)
        .map((line) => JSON.parse(line)),
    forgetCalls: (): void => writeFileSync(log(), ''),
  };
}
