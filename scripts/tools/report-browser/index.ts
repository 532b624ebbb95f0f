// `npm run test:report`: opens reports from disk in headless Chromium. Nothing may run, be requested or be logged, and every
// text of a log has to be shown as text. `-- --picture <file.png>` also takes the picture of the demo's report.

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { reportPage } from '../../../src/cli/lib/report/page.ts';
import { createSummariser } from '../../../src/cli/lib/report/summarise.ts';
import { print } from '../../../src/cli/terminal.ts';
import { HOSTILE_TEXTS, hostileRecords } from '../../../test/support/hostile-texts.ts';
import { type BrowserPage, findChromium, withPage } from './browser.ts';

const TITLE = 'DNS report: hostile names';

async function runSuite(chromium: string): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), 'report-suite-'));
  const picture = process.argv.indexOf('--picture');
  try {
    const failures = await withPage(chromium, async (page) => {
      const hostile = writePage(folder, 'hostile.html', hostilePage());
      const found = await checkPage(page, hostile, TITLE, HOSTILE_TEXTS);
      const control = await checkControl(page, folder);
      if (picture > 0) await takePicture(page, process.argv[picture + 1] ?? 'docs/report.png');
      return [...found, ...control];
    });
    for (const failure of failures) print(`failed: ${failure}`);
    print(
      `report suite: ${failures.length === 0 ? 'ok' : `${failures.length} failures`}, ${HOSTILE_TEXTS.length} hostile texts`,
    );
    if (failures.length > 0) process.exitCode = 1;
  } finally {
    rmSync(folder, { recursive: true });
  }
}

function hostilePage(): string {
  const summariser = createSummariser();
  for (const record of hostileRecords()) summariser.add(JSON.parse(JSON.stringify(record)));
  return reportPage(summariser, TITLE, Date.UTC(2026, 0, 6));
}

function writePage(folder: string, name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  return pathToFileURL(file).href;
}

async function checkPage(
  page: BrowserPage,
  url: string,
  title: string,
  texts: readonly string[],
): Promise<readonly string[]> {
  const failures: string[] = [];
  for (const scheme of ['light', 'dark']) {
    await page.call('Emulation.setEmulatedMedia', {
      features: [{ name: 'prefers-color-scheme', value: scheme }],
    });
    await page.call('Emulation.setDeviceMetricsOverride', {
      width: 1200,
      height: 900,
      deviceScaleFactor: 1,
      mobile: false,
    });
    const deeds = await visit(page, url);
    failures.push(...deeds.map((deed) => `${scheme}: ${deed}`));
  }
  if ((await page.evaluate('document.title')) !== title) failures.push('the title was changed');
  const scripts = await page.evaluate(
    `document.querySelectorAll('script,img,iframe,object,embed,base,link,form,a').length`,
  );
  if (scripts !== 0) failures.push(`${scripts} elements that could load or run something`);
  const handlers = await page.evaluate(
    `[...document.querySelectorAll('*')].filter((one) => [...one.attributes].some(({ name }) => /^on|^style$|href$|^src/.test(name))).length`,
  );
  if (handlers !== 0) failures.push(`${handlers} elements with a handler, a style or a reference`);
  if ((await page.evaluate('document.styleSheets.length')) !== 1)
    failures.push('the style sheet was refused');
  for (const width of [1200, 400]) {
    await page.call('Emulation.setDeviceMetricsOverride', {
      width,
      height: 900,
      deviceScaleFactor: 1,
      mobile: false,
    });
    const overflow = Number(await page.evaluate('document.documentElement.scrollWidth')) - width;
    if (overflow > 0) failures.push(`${overflow} px wider than a window of ${width}`);
  }
  const shown = String(await page.evaluate('document.body.textContent')).replace(/\s+/g, ' ');
  for (const text of texts)
    if (!shown.includes(startOf(text))) failures.push(`not shown: ${JSON.stringify(text.slice(0, 60))}`);
  const { data } = await page.call('Page.printToPDF', { printBackground: true });
  if (Buffer.from(String(data), 'base64').subarray(0, 5).toString() !== '%PDF-')
    failures.push('cannot be printed');
  return failures;
}

/** The part of a text before the first character that is shown as a code point, as far as it is not shortened. */
const startOf = (text: string): string =>
  (text.split(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Default_Ignorable_Code_Point}]/u)[0] ?? '').slice(
    0,
    150,
  );

/** Opens a page, moves over everything in it, and returns what it did besides showing itself. */
async function visit(page: BrowserPage, url: string): Promise<readonly string[]> {
  page.events();
  const loaded = page.next('Page.loadEventFired');
  await page.call('Page.navigate', { url });
  await loaded;
  await page.evaluate(
    `for (const one of document.querySelectorAll('*')) for (const name of ['mouseover', 'focus', 'click', 'error', 'load']) one.dispatchEvent(new Event(name))`,
  );
  // What was started by then is reported before the answer to this.
  await page.evaluate('new Promise((resolve) => setTimeout(resolve, 200))');
  return page.events().flatMap(({ method, params = {} }) => {
    const request = (params.request as { url?: string } | undefined)?.url;
    if (method === 'Network.requestWillBeSent' && request !== url) return [`requested ${request}`];
    if (method === 'Runtime.exceptionThrown') return ['a script failed'];
    if (method === 'Runtime.consoleAPICalled' || method === 'Page.javascriptDialogOpening')
      return ['a script ran'];
    if (method === 'Log.entryAdded') return [`logged ${(params.entry as { text?: string }).text}`];
    return [];
  });
}

/** A page that was tampered with: the suite has to notice, and the policy has to refuse. */
async function checkControl(page: BrowserPage, folder: string): Promise<readonly string[]> {
  let requests = 0;
  const server = createServer((_, response) => {
    requests++;
    response.end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const injected = `<script>document.title = "owned"</script><img src="http://127.0.0.1:${port}/x"><p style="color:red">`;
  const url = writePage(folder, 'control.html', hostilePage().replace('<main>', `<main>${injected}`));
  const deeds = await visit(page, url);
  server.close();
  const failures: string[] = [];
  if ((await page.evaluate('document.title')) !== TITLE)
    failures.push('the policy let an injected script run');
  if (requests > 0) failures.push('the policy let an image be requested');
  if (deeds.filter((deed) => /Content Security Policy/.test(deed)).length < 3)
    failures.push(`the suite does not see what a page tries: ${deeds.join('; ')}`);
  return failures;
}

const DEMO_REPORT = '.cache/demo/report.html';

async function takePicture(page: BrowserPage, file: string): Promise<void> {
  const text = readFileSync(DEMO_REPORT, 'utf8');
  await page.call('Emulation.setEmulatedMedia', {
    features: [{ name: 'prefers-color-scheme', value: 'light' }],
  });
  await page.call('Emulation.setDeviceMetricsOverride', {
    width: 1200,
    height: 980,
    deviceScaleFactor: 1,
    mobile: false,
  });
  const loaded = page.next('Page.loadEventFired');
  await page.call('Page.navigate', { url: pathToFileURL(DEMO_REPORT).href });
  await loaded;
  const { data } = await page.call('Page.captureScreenshot', { format: 'png' });
  writeFileSync(file, Buffer.from(String(data), 'base64'));
  print(`picture of ${DEMO_REPORT} (${text.length} bytes) in ${file}`);
}

const command = findChromium();
if (command === undefined) print('report suite: skipped, because no Chromium is installed');
else await runSuite(command);
