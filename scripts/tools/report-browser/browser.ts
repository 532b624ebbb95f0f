// A headless Chromium, spoken to over a pipe: the DevTools protocol as JSON texts that end in a zero byte.
// https://chromedevtools.github.io/devtools-protocol/
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';

/** An answer, or an event, of the protocol. */
export type Message = {
  readonly id?: number;
  readonly method?: string;
  readonly params?: Readonly<Record<string, unknown>>;
  readonly result?: Readonly<Record<string, unknown>>;
  readonly error?: { readonly message: string };
};

/** One page of the browser. */
export type BrowserPage = {
  /** Calls a method of the protocol. */
  call(method: string, params?: object): Promise<Readonly<Record<string, unknown>>>;
  /** The value of an expression in the page. */
  evaluate(expression: string): Promise<unknown>;
  /** All events since the last call of it. */
  events(): readonly Message[];
  /** Resolves at the next event of that name. */
  next(method: string): Promise<void>;
};

const NAMES = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome'];

/** The command of an installed Chromium; undefined if there is none. `CHROMIUM` names another one. */
export function findChromium(): string | undefined {
  const named = process.env.CHROMIUM;
  return [...(named === undefined ? [] : [named]), ...NAMES].find(
    (name) => spawnSync(name, ['--version']).status === 0,
  );
}

/** Starts the browser, opens an empty page, and ends the browser after `use`. */
export async function withPage<T>(command: string, use: (page: BrowserPage) => Promise<T>): Promise<T> {
  const folder = mkdtempSync(join(tmpdir(), 'report-browser-'));
  const flags = [
    '--headless=new',
    '--remote-debugging-pipe',
    '--disable-gpu',
    '--no-first-run',
    '--hide-scrollbars',
  ];
  // The sandbox of Chromium does not work for root.
  if (process.getuid?.() === 0) flags.push('--no-sandbox');
  const browser = spawn(command, [...flags, `--user-data-dir=${folder}`], {
    stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
  });
  const ended = new Promise((resolve) => browser.once('exit', resolve));
  const failed = ended.then(() => {
    throw new Error('Chromium ended by itself: it may lack permissions for its sandbox');
  });
  try {
    return await Promise.race([openPage(browser).then(use), failed]);
  } finally {
    browser.kill();
    await ended;
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

async function openPage(browser: ChildProcess): Promise<BrowserPage> {
  const [, , , input, output] = browser.stdio as unknown as [null, null, null, Writable, Readable];
  const waiting = new Map<number, (message: Message) => void>();
  const listeners: [method: string, resolve: () => void][] = [];
  let events: Message[] = [];
  let text = '';
  output.setEncoding('utf8').on('data', (chunk: string) => {
    const messages = (text + chunk).split('\0');
    text = messages.pop() ?? '';
    for (const one of messages) receive(JSON.parse(one) as Message);
  });
  const receive = (message: Message): void => {
    if (message.id !== undefined) return waiting.get(message.id)?.(message);
    events.push(message);
    for (const [i, [method, resolve]] of [...listeners.entries()].reverse())
      if (method === message.method) {
        listeners.splice(i, 1);
        resolve();
      }
  };
  let lastId = 0;
  const send = async (method: string, params: object, sessionId?: string) => {
    const id = ++lastId;
    const answered = new Promise<Message>((resolve) => waiting.set(id, resolve));
    input.write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    const { result, error } = await answered;
    waiting.delete(id);
    if (error !== undefined) throw new Error(`${method}: ${error.message}`);
    return result ?? {};
  };
  const { targetId } = await send('Target.createTarget', { url: 'about:blank' });
  const { sessionId } = await send('Target.attachToTarget', { targetId, flatten: true });
  const call: BrowserPage['call'] = (method, params = {}) => send(method, params, sessionId as string);
  for (const domain of ['Page', 'Network', 'Runtime', 'Log']) await call(`${domain}.enable`);
  return {
    call,
    evaluate: async (expression) => {
      const { result, exceptionDetails } = await call('Runtime.evaluate', {
        expression,
        returnByValue: true,
      });
      if (exceptionDetails !== undefined) throw new Error(JSON.stringify(exceptionDetails));
      return (result as { value?: unknown }).value;
    },
    events: () => {
      const seen = events;
      events = [];
      return seen;
    },
    next: (method) => new Promise((resolve) => listeners.push([method, resolve])),
  };
}
