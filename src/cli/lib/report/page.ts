// The report as one HTML page: no script, no reference to anything outside, and a policy that would refuse both.
import { createHash } from 'node:crypto';
import { timelineChart } from './charts.ts';
import { integer, percent, shorten, span, tileNumber, time } from './format.ts';
import { html, type Markup } from './markup.ts';
import { answers, attribution, clients, firewall, ndots, suspects, upstreams } from './sections.ts';
import { STYLE } from './style.ts';
import type { Summariser } from './summarise.ts';
import { SIGNALS } from './summarise.ts';
import { type View, viewOf } from './view.ts';

const hash = createHash('sha256').update(STYLE).digest('base64');

/** Only the style sheet of this page: no script, no image, no font, no form, no frame. */
const POLICY = `default-src 'none'; style-src 'sha256-${hash}'; base-uri 'none'; form-action 'none'`;

/** The page of a summary. `title`: of the user, not of a log; `createdMs`: when it was made, epoch ms. */
export function reportPage(summariser: Summariser, title: string, createdMs: number): string {
  const view = viewOf(summariser);
  const { summary } = view;
  const page = html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${POLICY}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${{ markup: STYLE }}</style>
</head>
<body>
<main>
<header>
<h1>${title}</h1>
<p class="lead">${periodText(view)}</p>
${tiles(view)}
</header>
${timeline(view)}
${suspects(view)}
${answers(view)}
${firewall(view)}
${clients(view)}
${ndots(view)}
${upstreams(view)}
${attribution(view)}
<footer>Written by eks-dns report at ${time(createdMs)} UTC from ${integer(summary.records)} records. All times in UTC. Numbers are queries, unless something else is said${view.isCut ? '; rare names were forgotten to bound the memory, so their counts are lower bounds' : ''}. A signal is a hint, not a verdict.</footer>
</main>
</body>
</html>
`;
  return page.markup;
}

function periodText({ summary, clusters }: View): string {
  if (summary.records === 0) return 'No records.';
  const { firstMs, lastMs } = summary;
  const where =
    clusters.length > 0
      ? `, ${clusters.length === 1 ? 'cluster' : 'clusters'} ${shorten(clusters.join(', '))}`
      : '';
  return `${time(firstMs)} to ${time(lastMs)} UTC (${span(lastMs - firstMs)})${where}`;
}

function tiles(view: View): Markup {
  const { queries, named, failed, wasted, unattributed, suspects: found, hits, textAnswers } = view;
  const tile = (value: string, label: string, isAlarm = false): Markup =>
    html`<div class="card tile${isAlarm ? ' alarm' : ''}"><b>${value}</b><span>${label}</span></div>`;
  return html`<div class="tiles">
${tile(tileNumber(queries), 'queries')}
${tile(integer(named.length), 'clients')}
${tile(integer(found.length), 'suspects', found.length > 0)}
${tile(integer(textAnswers.length), 'unusual TXT answers', textAnswers.length > 0)}
${tile(integer(hits.reduce((sum, hit) => sum + hit.hits, 0)), 'firewall hits', hits.length > 0)}
${tile(percent(failed, queries), 'failed or unanswered')}
${tile(percent(wasted, queries), 'wasted by ndots')}
${tile(percent(unattributed, queries), 'unattributed')}
</div>`;
}

function timeline(view: View): Markup {
  const { summary, series, queries } = view;
  if (queries === 0) return html``;
  const { timeline: buckets } = summary;
  const rows = buckets.buckets();
  return html`<section>
<h2>Queries over time</h2>
<p>By client, in steps of ${span(buckets.widthMs())}. Dots below: queries that carry a signal.</p>
<div class="card">
${timelineChart(rows, buckets.widthMs(), series, ({ counts }) => counts.get(SIGNALS) ?? 0)}
<ul class="legend">${series.map(
    ({ label, color }) =>
      html`<li><svg width="10" height="10" aria-hidden="true"><rect class="c${color}" width="10" height="10" rx="2"/></svg>${label}</li>`,
  )}</ul>
</div>
</section>`;
}
