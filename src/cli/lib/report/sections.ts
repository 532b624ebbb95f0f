// The parts of the page below the timeline.
import { DATA_SIGNALS } from '../records/signals.ts';
import { bar, shareBar, sparkline } from './charts.ts';
import type { Counter } from './counter.ts';
import type { Decoded } from './decode.ts';
import { clock, integer, megabytes, milliseconds, percent, plural, shorten, span, time } from './format.ts';
import { html, type Markup } from './markup.ts';
import type { Suspect } from './suspects.ts';
import type { View } from './view.ts';

/** Rows and cards per part. */
const MAX_ROWS = 25;
const MAX_CARDS = 24;
const MAX_NAMES = 8;

const part = (heading: string, text: string, content: Markup): Markup =>
  html`<section><h2>${heading}</h2><p>${text}</p>${content}</section>`;

const none = (text: string): Markup => html`<p class="none">${text}</p>`;

/** A table in a card; `numeric`: indexes of columns with numbers. */
function rows(
  head: readonly string[],
  cells: readonly (readonly (Markup | string)[])[],
  classes: readonly string[] = [],
): Markup {
  const cell = (value: Markup | string, i: number): Markup =>
    html`<td class="${classes[i] ?? ''}">${value}</td>`;
  return html`<div class="card"><table><thead><tr>${head.map(
    (one, i) => html`<th class="${classes[i] === 'number' ? 'number' : ''}">${one}</th>`,
  )}</tr></thead><tbody>${cells.slice(0, MAX_ROWS).map((row) => html`<tr>${row.map(cell)}</tr>`)}</tbody></table>${
    cells.length > MAX_ROWS && html`<p class="muted small">and ${integer(cells.length - MAX_ROWS)} more</p>`
  }</div>`;
}

/** Text of a log in the type of code; the middle of a very long one is left out. */
const code = (text: string): Markup => html`<code>${shorten(text)}</code>`;

const chip = (text: string, isAlarm = false): Markup =>
  html`<span class="chip${isAlarm ? ' alarm' : ''}">${text}</span>`;

const listed = (labels: readonly string[], max = 4): string =>
  labels.length === 0
    ? 'unknown'
    : labels
        .slice(0, max)
        .map((label) => shorten(label))
        .join(', ') + (labels.length > max ? ` and ${labels.length - max} more` : '');

/** Suspicious names by domain and client, with the data in them. */
export function suspects({ suspects: found, suspectsLeft }: View): Markup {
  const text = 'Names with a signal, by domain and client, with the data that their labels decode to.';
  if (found.length === 0) return part('Suspects', text, none('No name carries a signal.'));
  return part(
    'Suspects',
    text,
    html`<div class="stack">${found.slice(0, MAX_CARDS).map(suspectCard)}</div>${
      found.length > MAX_CARDS &&
      html`<p class="muted small">and ${integer(found.length - MAX_CARDS)} more</p>`
    }${suspectsLeft > 0 && html`<p class="muted small">${integer(suspectsLeft)} queries of further suspects</p>`}`,
  );
}

function suspectCard({
  domain,
  client,
  signals,
  types,
  queries,
  names,
  firstMs,
  lastMs,
  decoded,
}: Suspect): Markup {
  return html`<article class="card">
<div class="head"><div><h3>${shorten(domain)}</h3><p class="muted">${shorten(client)} · ${plural(queries, 'query')} (${shorten(types.join(', '), 80)}) · ${plural(names.length, 'name')} · ${time(firstMs)}${
    lastMs > firstMs && ` to ${clock(lastMs)}, ${span(lastMs - firstMs)}`
  }</p></div><div class="chips">${signals.map((signal) => chip(signal, true))}</div></div>
${decoded === undefined ? signals.some((signal) => DATA_SIGNALS.has(signal)) && NOT_DECODED : decodedData(decoded)}
<ul class="samples">${names.slice(0, 3).map((name) => html`<li>${code(name)}</li>`)}</ul>
</article>`;
}

const NOT_DECODED = html`<p class="muted small">Not decoded: neither hex nor base32, and base64 is lost where a log has names in lower case.</p>`;

const MAX_HEX_BYTES = 256;

function decodedData({ encoding, text, bytes }: Decoded): Markup {
  const lines =
    text === undefined
      ? (bytes
          .subarray(0, MAX_HEX_BYTES)
          .toString('hex')
          .match(/.{1,64}/g) ?? [])
      : text.replace(/\n$/, '').split('\n');
  const note = text === undefined ? 'not text, shown as hex' : 'text';
  return html`<pre class="data">${lines.map((line) => html`<span>${line}</span>`)}</pre><p class="muted small">Decoded from ${encoding}: ${plural(bytes.length, 'byte')}, ${note}</p>`;
}

/** TXT answers that are not of mail or domain verification. */
export function answers({ textAnswers, clientsOf, summary }: View): Markup {
  const usual = summary.textAnswers.size - textAnswers.length;
  const text = `TXT answers other than those of mail, certificates and domain verification${usual > 0 ? `; ${integer(usual)} of these are left out` : ''}.`;
  if (textAnswers.length === 0) return part('TXT answers', text, none('None.'));
  return part(
    'TXT answers',
    text,
    rows(
      ['last', 'name', 'answer', 'client', 'times'],
      textAnswers.map(({ name, answer, count, lastMs }) => [
        time(lastMs),
        code(name),
        html`${code(answer)}${hexIn(answer)}`,
        listed(clientsOf(name)),
        integer(count),
      ]),
      ['when', '', '', '', 'number'],
    ),
  );
}

/** The text of a run of hex in an answer, on a line of its own: `"cmd:6c73"` -> `ls`. */
function hexIn(answer: string): Markup {
  const run = /[0-9a-f]{8,}/i.exec(answer)?.[0] ?? '';
  const text = Buffer.from(run.slice(0, run.length & ~1), 'hex').toString('latin1');
  return /^[\x20-\x7e]+$/.test(text) ? html`<br><span class="muted">hex: </span>${code(text)}` : html``;
}

/** DNS Firewall hits, with the clients behind CoreDNS. */
export function firewall({ hits, clientsOf }: View): Markup {
  const text =
    'Queries that a DNS Firewall rule matched, and who asked: Route 53 logs CoreDNS as the client, so the workloads are those that asked CoreDNS for the name.';
  if (hits.length === 0) return part('Firewall hits', text, none('None.'));
  return part(
    'Firewall hits',
    text,
    rows(
      ['name', 'action', 'client', 'last', 'hits'],
      hits.map(({ name, action, clients, hits: count, lastMs }) => [
        code(name),
        chip(action, action === 'BLOCK'),
        listed([...new Set([...[...clients].filter((client) => client !== 'CoreDNS'), ...clientsOf(name)])]),
        time(lastMs),
        integer(count),
      ]),
      ['', '', '', 'when', 'number'],
    ),
  );
}

/** The names that each client asked for. */
export function clients({ clients: all, summary, colorOf, queries }: View): Markup {
  const buckets = summary.timeline.buckets();
  const cards = all.slice(0, MAX_CARDS).map(([label, { queries: count, names }]) => {
    const top = names.top(MAX_NAMES);
    const color = colorOf(label);
    return html`<article class="card"><div class="head"><div><h3>${shorten(label)}</h3><p class="muted small">${plural(count, 'query')} (${percent(count, queries)}), ${names.isCut() && 'more than '}${plural(names.size(), 'name')}</p></div>${sparkline(
      buckets.map(({ counts }) => counts.get(label) ?? 0),
      color,
    )}</div>
<table class="names">${top.map(
      ([name, times]) =>
        html`<tr><td>${code(name)}</td><td class="bars">${bar(times, top[0]?.[1] ?? 1, color)}</td><td class="number">${integer(times)}</td></tr>`,
    )}</table></article>`;
  });
  return part(
    'Who asked for what',
    'The most frequent names of each client.',
    html`<div class="grid2">${cards}</div>${
      all.length > MAX_CARDS &&
      html`<p class="muted small">and ${integer(all.length - MAX_CARDS)} more clients</p>`
    }`,
  );
}

/** Search expansions by namespace, and what `ndots:1` would save. */
export function ndots({ namespaces, wasted, queries, summary }: View): Markup {
  const text =
    'Kubernetes sets ndots:5, so a client tries names with fewer dots with every search suffix first. A final dot, or ndots:1 in dnsConfig, saves these queries and their records.';
  if (namespaces.length === 0) return part('Wasted by ndots', text, none('No search expansion in this log.'));
  const bytes = namespaces.reduce((sum, [, waste]) => sum + waste.bytes, 0);
  const days = (summary.lastMs - summary.firstMs) / 86_400_000;
  const perDay = days >= 1 / 24 ? `, about ${megabytes(bytes / days)} a day` : '';
  return part(
    'Wasted by ndots',
    text,
    html`<p>To save: <b>${integer(wasted)}</b> of ${integer(queries)} queries (${percent(wasted, queries)})${bytes > 0 && html` and about <b>${megabytes(bytes)}</b> of records${perDay}`}.</p>${rows(
      ['namespace', 'for example', 'wasted', 'of queries', 'share'],
      namespaces.map(([namespace, { queries: of, wasted: count, names }]) => [
        namespace,
        code(
          listed(
            names.top(3).map(([name]) => name),
            3,
          ),
        ),
        integer(count),
        integer(of),
        percent(count, of),
      ]),
      ['', '', 'number', 'number', 'number'],
    )}`,
  );
}

/** Failures and latency by the server that CoreDNS forwarded to. */
export function upstreams({ summary }: View): Markup {
  const all = [...summary.upstreams].sort(([, one], [, other]) => other.queries - one.queries);
  const text =
    'Queries to CoreDNS by the server that it forwarded to. Without {/forward/upstream} in the FORMAT of its log, all are in one row.';
  if (all.length === 0) return part('Failures by upstream', text, none('No record of CoreDNS in this log.'));
  const most = Math.max(...all.map(([, { servfail, unanswered }]) => servfail + unanswered));
  return part(
    'Failures by upstream',
    text,
    rows(
      ['upstream', 'queries', 'SERVFAIL', 'unanswered', '', 'reasons', 'p50', 'p95', 'p99'],
      all.map(([upstream, { queries, servfail, unanswered, reasons, latency }]) => [
        upstream === '' ? html`<span class="muted">not logged</span>` : code(upstream),
        integer(queries),
        integer(servfail),
        integer(unanswered),
        bar(servfail + unanswered, most, 8),
        reasonsText(reasons),
        ...[0.5, 0.95, 0.99].map((share) => milliseconds(latency.percentileMs(share))),
      ]),
      ['', 'number', 'number', 'number', 'bars', '', 'number', 'number', 'number'],
    ),
  );
}

const reasonsText = (reasons: Counter): string =>
  reasons
    .top(3)
    .map(([reason, count]) => `${reason} (${integer(count)})`)
    .join(', ');

/** How many clients are known, and the shares of categories and response codes. */
export function attribution({ summary, unattributed, queries }: View): Markup {
  const share = (heading: string, counter: Counter): Markup => {
    const parts = counter.top(7).map(([label, value], color) => ({ label, value, color }));
    return html`<article class="card"><h3>${heading}</h3>${shareBar(parts)}<table class="names">${parts.map(
      ({ label, value, color }) =>
        html`<tr><td><ul class="legend"><li><svg width="10" height="10" aria-hidden="true"><rect class="c${color}" width="10" height="10" rx="2"/></svg>${label}</li></ul></td><td class="number">${integer(value)}</td><td class="number muted">${percent(value, queries)}</td></tr>`,
    )}</table></article>`;
  };
  const unknown = summary.unattributed.top(MAX_ROWS);
  const bypassing = summary.bypassing.top(MAX_ROWS);
  return part(
    'Attribution and results',
    `${percent(unattributed, queries)} of the queries have a client of which neither pod nor node nor instance is known.`,
    html`<div class="grid3">${share('Attribution', summary.attributions)}${share('Kinds of names', summary.categories)}${share('Response codes', summary.responseCodes)}${counts('Unattributed addresses', unknown)}${counts('Bypass CoreDNS', bypassing)}</div>`,
  );
}

const counts = (heading: string, list: readonly (readonly [string, number])[]): Markup =>
  list.length === 0
    ? html``
    : html`<article class="card"><h3>${heading}</h3><table class="names">${list
        .slice(0, 10)
        .map(
          ([label, count]) => html`<tr><td>${code(label)}</td><td class="number">${integer(count)}</td></tr>`,
        )}</table></article>`;
