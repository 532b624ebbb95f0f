// Charts as SVG, drawn while the report is written: the page needs no script. Colours are classes (`c0` to `c8`), so that
// the style sheet decides them for light, dark and paper.
import { scaleLinear, scaleUtc } from 'd3-scale';
import { area, curveStepAfter, stack } from 'd3-shape';
import { clock, compact, integer, span, time } from './format.ts';
import { html, type Markup } from './markup.ts';
import type { Bucket } from './timeline.ts';

/** A series of the timeline; `color`: number of its class. */
export type Series = {
  readonly label: string;
  readonly color: number;
  readonly countIn: (bucket: Bucket) => number;
};

const WIDTH = 1120;
const HEIGHT = 250;
const MARGIN = { top: 10, right: 36, bottom: 24, left: 58 };
const LANE = 22;
/** Height of the smallest bar: a single query beside a burst is still seen. */
const MIN_BAR = 1.5;

/** Queries over time as stacked bars, and below them a lane with a dot where queries carried a signal. */
export function timelineChart(
  buckets: readonly Bucket[],
  widthMs: number,
  series: readonly Series[],
  signalsOf: (bucket: Bucket) => number,
): Markup {
  const first = buckets[0]?.startMs ?? 0;
  const end = first + buckets.length * widthMs;
  const x = scaleUtc([first, end], [MARGIN.left, WIDTH - MARGIN.right]);
  const totals = buckets.map((bucket) => series.reduce((sum, { countIn }) => sum + countIn(bucket), 0));
  const bottom = HEIGHT - MARGIN.bottom - LANE;
  const y = scaleLinear([0, Math.max(1, ...totals)], [bottom, MARGIN.top]).nice(4);
  const layers = stack<Bucket, Series>()
    .keys(series)
    .value((bucket, one) => one.countIn(bucket))(buckets);
  const barWidth = Math.max(0.5, x(first + widthMs) - x(first) - (buckets.length > 90 ? 0.5 : 1.5));
  const ticks = x.ticks(8).filter((tick) => tick.getTime() % 1000 === 0);
  return html`<svg class="timeline" viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img" aria-label="Queries over time by client">
${y.ticks(4).map(
  (
    tick,
  ) => html`<line class="grid" x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${round(y(tick))}" y2="${round(y(tick))}"/>
<text class="tick" x="${MARGIN.left - 8}" y="${round(y(tick) + 4)}" text-anchor="end">${compact(tick)}</text>`,
)}
${layers.map(
  (layer) =>
    html`<g class="c${layer.key.color}">${layer.map(([low, high], i) =>
      high > low
        ? html`<rect x="${round(x(buckets[i]?.startMs ?? 0))}" width="${round(barWidth)}" y="${round(Math.min(y(high), bottom - MIN_BAR))}" height="${round(Math.max(MIN_BAR, y(low) - y(high)))}"/>`
        : NOTHING,
    )}</g>`,
)}
<text class="tick" x="${MARGIN.left - 8}" y="${bottom + LANE / 2 + 5}" text-anchor="end">signals</text>
${signalDots(buckets, signalsOf, (bucket) => x(bucket.startMs + widthMs / 2), bottom + LANE / 2 + 1)}
${ticks.map(
  (
    tick,
  ) => html`<line class="axis" x1="${round(x(tick))}" x2="${round(x(tick))}" y1="${bottom + LANE}" y2="${bottom + LANE + 4}"/>
<text class="tick" x="${round(x(tick))}" y="${HEIGHT - 5}" text-anchor="middle">${tickText(tick, ticks)}</text>`,
)}
<line class="axis" x1="${MARGIN.left}" x2="${WIDTH - MARGIN.right}" y1="${bottom}" y2="${bottom}"/>
${buckets.map((bucket, i) =>
  (totals[i] ?? 0) === 0
    ? NOTHING
    : html`<rect class="hover" x="${round(x(bucket.startMs))}" width="${round(barWidth)}" y="${MARGIN.top}" height="${bottom + LANE - MARGIN.top}"><title>${tooltip(bucket, widthMs, series, totals[i] ?? 0)}</title></rect>`,
)}
</svg>`;
}

/** `10:05`, with seconds where ticks are closer than a minute; the day where a day begins. */
function tickText(tick: Date, ticks: readonly Date[]): string {
  const stepMs = (ticks[1]?.getTime() ?? Number.POSITIVE_INFINITY) - (ticks[0]?.getTime() ?? 0);
  const timeMs = tick.getTime();
  if (timeMs % 86_400_000 === 0 || stepMs >= 86_400_000) return time(timeMs).slice(0, 10);
  return clock(timeMs).slice(0, stepMs < 60_000 ? 8 : 5);
}

const NOTHING: Markup = { markup: '' };

const round = (value: number): number => Math.round(value * 10) / 10;

function signalDots(
  buckets: readonly Bucket[],
  signalsOf: (bucket: Bucket) => number,
  centre: (bucket: Bucket) => number,
  y: number,
): readonly Markup[] {
  const most = Math.max(1, ...buckets.map(signalsOf));
  return buckets.map((bucket) => {
    const count = signalsOf(bucket);
    if (count === 0) return NOTHING;
    return html`<circle class="signal" cx="${round(centre(bucket))}" cy="${y}" r="${round(2.5 + 4.5 * Math.sqrt(count / most))}"><title>${time(bucket.startMs)}: ${integer(count)} with a signal</title></circle>`;
  });
}

/** `10:05:10, 5 seconds: 720 queries · payments/checkout 180 · ...`. */
function tooltip(bucket: Bucket, widthMs: number, series: readonly Series[], total: number): string {
  const parts = series
    .map(({ label, countIn }) => [label, countIn(bucket)] as const)
    .filter(([, count]) => count > 0)
    .map(([label, count]) => `${label} ${integer(count)}`);
  const when = widthMs < 86_400_000 ? clock(bucket.startMs) : time(bucket.startMs).slice(0, 10);
  return [`${when}, ${span(widthMs)}: ${integer(total)} queries`, ...parts].join(' · ');
}

/** One client's queries over the same time, in the size of a word. */
export function sparkline(values: readonly number[], color: number): Markup {
  const [width, height] = [150, 26];
  const x = scaleLinear([0, values.length], [0, width]);
  const y = scaleLinear([0, Math.max(1, ...values)], [height - 1, 1]);
  const shape = area<number>()
    .x((_, i) => round(x(i)))
    .y0(height)
    .y1((value) => round(y(value)))
    .curve(curveStepAfter);
  const path = shape([...values, values.at(-1) ?? 0]) ?? '';
  return html`<svg class="sparkline" width="${width}" height="${height}" viewBox="0 0 ${width} ${height}" aria-hidden="true"><path class="c${color}" d="${path}"/></svg>`;
}

/** A bar behind a number in a table. */
export function bar(value: number, most: number, color: number): Markup {
  const width = most === 0 ? 0 : Math.max(0.5, (100 * value) / most);
  return html`<svg class="bar" width="100%" height="8" aria-hidden="true"><rect class="c${color}" width="${round(width)}%" height="8" rx="2"/></svg>`;
}

/** Shares of a whole as one bar in parts; `parts` in order, with their classes. */
export function shareBar(
  parts: readonly { readonly label: string; readonly value: number; readonly color: number }[],
): Markup {
  const total = parts.reduce((sum, { value }) => sum + value, 0) || 1;
  let from = 0;
  return html`<svg class="share" width="100%" height="14" role="img" aria-label="Shares">${parts.map(
    ({ label, value, color }) => {
      const start = (100 * from) / total;
      from += value;
      return html`<rect class="c${color}" x="${round(start)}%" width="${round((100 * value) / total)}%" height="14"><title>${label}: ${integer(value)}</title></rect>`;
    },
  )}</svg>`;
}
