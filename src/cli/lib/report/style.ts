/**
 * The style sheet. Light by default, dark by the reader's setting, light again on paper. Categorical colours: Observable 10,
 * which hold on both grounds.
 */
export const STYLE = `
:root {
  color-scheme: light dark;
  --ground: #f6f7f9; --card: #fff; --text: #1b2330; --muted: #5d6b7e; --line: #e3e7ed; --mono: #f0f3f7;
  --alarm: #c62f3b; --alarm-ground: #fdecee; --warn: #8a5a00; --warn-ground: #fdf3dc; --good: #2c7a41;
  --c0: #4269d0; --c1: #efb118; --c2: #3ca951; --c3: #ff725c; --c4: #6cc5b0; --c5: #a463f2; --c6: #97bbf5; --c7: #9aa5b4;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0f141b; --card: #171e28; --text: #e4e9f0; --muted: #94a2b5; --line: #283241; --mono: #10161f;
    --alarm: #ff7b84; --alarm-ground: #3a1a20; --warn: #f0c05a; --warn-ground: #33280f; --good: #6fce88;
    --c0: #6b8df0; --c7: #65728a;
  }
}
* { box-sizing: border-box; }
html { -webkit-text-size-adjust: 100%; }
body {
  margin: 0; background: var(--ground); color: var(--text);
  font: 14px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif;
  font-variant-numeric: tabular-nums; overflow-wrap: anywhere;
}
main { max-width: 1180px; margin: 0 auto; padding: 28px 24px 56px; }
h1 { font-size: 26px; line-height: 1.2; letter-spacing: -0.02em; margin: 0; }
h2 { font-size: 17px; letter-spacing: -0.01em; margin: 0 0 2px; }
h3 { font-size: 14px; margin: 0; overflow-wrap: anywhere; }
p { margin: 0; }
.muted { color: var(--muted); }
.small { font-size: 12px; }
.lead { color: var(--muted); margin-top: 4px; }
section { margin-top: 34px; }
section > p { color: var(--muted); margin-bottom: 12px; max-width: 82ch; }
.card { min-width: 0; background: var(--card); border: 1px solid var(--line); border-radius: 10px; padding: 16px; }
.tiles { display: grid; grid-template-columns: repeat(auto-fit, minmax(128px, 1fr)); gap: 10px; margin-top: 20px; }
.tile { padding: 12px 14px; }
.tile b { display: block; font-size: 22px; line-height: 1.25; letter-spacing: -0.02em; font-weight: 650; }
.tile.alarm { border-color: var(--alarm); background: var(--alarm-ground); }
.tile.alarm b { color: var(--alarm); }
.tile span { color: var(--muted); font-size: 12px; }
.grid2, .grid3 { display: grid; gap: 12px; grid-template-columns: repeat(auto-fit, minmax(310px, 1fr)); }
.grid2 { grid-template-columns: repeat(auto-fit, minmax(430px, 1fr)); }
.stack > * + * { margin-top: 12px; }
svg { display: block; }
.timeline { width: 100%; height: auto; }
.tick { fill: var(--muted); font-size: 12px; }
.grid { stroke: var(--line); }
.axis { stroke: var(--muted); stroke-width: 0.75; }
.hover { fill: transparent; }
.hover:hover { fill: var(--text); fill-opacity: 0.07; }
.signal { fill: var(--alarm); fill-opacity: 0.85; }
.c0 { fill: var(--c0); } .c1 { fill: var(--c1); } .c2 { fill: var(--c2); } .c3 { fill: var(--c3); }
.c4 { fill: var(--c4); } .c5 { fill: var(--c5); } .c6 { fill: var(--c6); } .c7 { fill: var(--c7); }
.c8 { fill: var(--alarm); }
.legend { display: flex; flex-wrap: wrap; gap: 4px 16px; margin: 10px 0 0; padding: 0; list-style: none; }
.legend li { display: flex; align-items: center; gap: 6px; color: var(--muted); font-size: 12px; overflow-wrap: anywhere; }
.legend svg { flex: none; }
.head { display: flex; justify-content: space-between; align-items: center; gap: 12px; }
.head > :first-child { min-width: 0; }
.sparkline path { fill-opacity: 0.75; }
table { width: 100%; border-collapse: collapse; }
th { text-align: left; font-weight: 500; font-size: 12px; color: var(--muted); padding: 0 10px 6px 0; vertical-align: bottom; }
td { padding: 5px 10px 5px 0; border-top: 1px solid var(--line); vertical-align: top; overflow-wrap: anywhere; }
th:last-child, td:last-child { padding-right: 0; }
.number { text-align: right; white-space: nowrap; }
.when { white-space: nowrap; color: var(--muted); }
.bars { width: 14%; padding-top: 11px; }
.names .legend { margin: 0; }
.names { margin-top: 8px; }
.names td { font-size: 12.5px; padding: 3px 8px 3px 0; border: 0; }
.names .bars { width: 24%; padding-top: 9px; }
code, pre { font-family: ui-monospace, SFMono-Regular, Menlo, Consolas, "DejaVu Sans Mono", monospace; font-size: 12.5px; }
code { overflow-wrap: anywhere; }
.data { background: var(--mono); border: 1px solid var(--line); border-left: 3px solid var(--alarm); border-radius: 6px; padding: 10px 12px; margin: 10px 0; max-height: 300px; overflow: auto; }
.data span { display: block; white-space: pre-wrap; overflow-wrap: anywhere; min-height: 1.3em; }
.samples { margin: 6px 0 0; padding: 0; list-style: none; }
.samples li { color: var(--muted); }
.chip { display: inline-block; max-width: 240px; overflow: hidden; text-overflow: ellipsis; border-radius: 999px; padding: 1px 9px; font-size: 12px; background: var(--warn-ground); color: var(--warn); white-space: nowrap; }
.chip.alarm { background: var(--alarm-ground); color: var(--alarm); }
.chips { flex: none; max-width: 45%; display: flex; flex-wrap: wrap; gap: 5px; justify-content: flex-end; }
.none { color: var(--good); }
.share { border-radius: 4px; overflow: hidden; margin: 10px 0 2px; }
footer { margin-top: 44px; color: var(--muted); font-size: 12px; border-top: 1px solid var(--line); padding-top: 12px; }
@media (max-width: 560px) {
  main { padding: 18px 12px 40px; }
  .grid2 { grid-template-columns: 1fr; }
  .card { overflow-x: auto; }
  .grid3 { grid-template-columns: 1fr; }
  .head { flex-wrap: wrap; }
  .chips { max-width: none; justify-content: flex-start; }
}
@media print {
  :root {
    color-scheme: light;
    --ground: #fff; --card: #fff; --text: #111; --muted: #555; --line: #d5d9df; --mono: #f6f7f9;
    --alarm: #b3202c; --alarm-ground: #fff; --warn: #7a5000; --warn-ground: #fff; --good: #22643a;
    --c0: #4269d0; --c7: #9aa5b4;
  }
  @page { margin: 14mm; }
  body { font-size: 11px; -webkit-print-color-adjust: exact; print-color-adjust: exact; }
  main { max-width: none; padding: 0; }
  .tiles { grid-template-columns: repeat(8, 1fr); gap: 6px; }
  .tile { padding: 7px 8px; }
  .tile b { font-size: 15px; }
  .tile span, .small, th, .tick, .legend li, .chip { font-size: 9px; }
  .card { padding: 10px; border-radius: 6px; }
  .sparkline { width: 70px; }
  h1 { font-size: 20px; } h2 { font-size: 13px; } h3 { font-size: 11px; }
  code, pre, .names td { font-size: 9px; }
  td { padding: 3px 6px 3px 0; }
  .timeline .tick { font-size: 13px; }
  .tile b { white-space: nowrap; }
  .grid2 { grid-template-columns: 1fr 1fr; }
  .grid3 { grid-template-columns: repeat(2, 1fr); }
  .data { max-height: none; overflow: visible; }
  .chip { border: 1px solid currentcolor; }
  section { margin-top: 22px; }
  .card, tr, .timeline { break-inside: avoid; }
  h2, section > p { break-after: avoid; }
}
`;
