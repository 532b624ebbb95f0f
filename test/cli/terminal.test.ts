import { afterEach, describe, expect, it } from '@jest/globals';
import { diffOf, EXIT, fail, paint, reportError, table, waitFor } from '../../src/cli/terminal.ts';
import { captureOutput } from '../support/captured-output.ts';

const tty = (isTTY: boolean) => ({ isTTY }) as NodeJS.WriteStream;

/** What `work` writes to stderr. */
const stderrOf = async (work: () => unknown): Promise<string> => (await captureOutput(work)).stderr;

describe('paint', () => {
  const before = process.env.NO_COLOR;
  afterEach(() => {
    if (before === undefined) delete process.env.NO_COLOR;
    else process.env.NO_COLOR = before;
  });

  it.each([
    { name: 'a pipe', isTty: false, noColor: '', coloured: false },
    { name: 'a terminal', isTty: true, noColor: '', coloured: true },
    { name: 'a terminal with NO_COLOR', isTty: true, noColor: '1', coloured: false },
  ])('colours on $name: $coloured', ({ isTty, noColor, coloured }) => {
    process.env.NO_COLOR = noColor;
    process.env.TERM = 'xterm';
    expect(paint('red', 'x', tty(isTty)).includes('\u001b')).toBe(coloured);
  });
});

describe('table', () => {
  it('aligns columns without frames and keeps cells of several lines', () => {
    expect(
      table(
        ['a', 'bb'],
        [
          ['1', '2'],
          ['long', 'two\nlines'],
        ],
      ),
    ).toBe(['a     bb', '1     2', 'long  two', '      lines'].join('\n'));
  });

  it('ignores colour codes in the width of a column', () => {
    const red = '\u001b[31mno\u001b[39m';
    expect(
      table(
        ['a', 'b'],
        [
          [red, '1'],
          ['yes', '2'],
        ],
      ),
    ).toBe(['a    b', `${red}   1`, 'yes  2'].join('\n'));
  });

  it('is empty without rows', () => {
    expect(table(['a'], [])).toBe('');
  });
});

describe('diffOf', () => {
  it('shows removed and added lines, and nothing for equal texts', () => {
    const diff = diffOf('Corefile', 'a\nb\n', 'a\nc\n').split('\n');
    expect(diff).toEqual(expect.arrayContaining(['-b', '+c', ' a']));
    expect(diffOf('Corefile', 'a', 'a')).toBe('');
  });
});

describe('reportError', () => {
  it('prints message and fix of a user error and returns its exit code', async () => {
    let code: number | undefined;
    const text = await stderrOf(() => {
      code = reportError(fail('no stream', 'name one', EXIT.refused));
    });
    expect(text).toBe('error: no stream\nfix: name one\n');
    expect(code).toBe(EXIT.refused);
  });

  it('prints the code of an AWS error', async () => {
    const fault = Object.assign(new Error('not yours'), { name: 'AccessDeniedException' });
    expect(await stderrOf(() => reportError(fault))).toBe('error: AccessDeniedException: not yours\n');
  });
});

describe('waitFor', () => {
  it('polls until there is a result and reports the waiting time', async () => {
    let round = 0;
    let found: number | undefined;
    const text = await stderrOf(async () => {
      found = await waitFor('waiting', async () => (++round < 3 ? undefined : round), {
        timeoutMs: 3_600_000,
        intervalMs: 1,
      });
    });
    expect(found).toBe(3);
    expect(text.match(/waiting/g)?.length).toBe(3);
  });

  it('stops after the timeout', async () => {
    let found: unknown = 'unset';
    await stderrOf(async () => {
      found = await waitFor('waiting', async () => undefined, { timeoutMs: 5, intervalMs: 2 });
    });
    expect(found).toBeUndefined();
  });
});
