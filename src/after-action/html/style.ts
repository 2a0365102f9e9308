/** The look of the page: light, dark and paper from one set of names. No fonts, images or scripts from anywhere. */
import { Markup } from "./markup.ts";

export const STYLE = new Markup(`<style>
:root { color-scheme: light dark; --page: #f5f6f8; --card: #fff; --ink: #15202b; --soft: #5b6773; --line: #dde2e8;
  --good: #1b8a5a; --claim: #2f74c0; --bad: #c8372d; --open: #c98a12; --aside: #7d8894; }
@media (prefers-color-scheme: dark) { :root { --page: #10151b; --card: #182029; --ink: #e6ebf0; --soft: #9aa7b4; --line: #2b3642;
  --good: #3fbf85; --claim: #62a6ee; --bad: #f0685d; --open: #e6b04a; --aside: #8794a1; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--page); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 32px 20px 64px; display: grid; gap: 20px; }
header h1 { font-size: 26px; line-height: 1.25; margin: 0; letter-spacing: -0.01em; }
header p, .soft { color: var(--soft); margin: 4px 0 0; }
section { background: var(--card); border: 1px solid var(--line); border-radius: 12px; padding: 20px 24px; min-width: 0; }
h2 { font-size: 15px; margin: 0 0 12px; } h3 { font-size: 15px; margin: 24px 0 4px; }
.pair { display: grid; gap: 20px; grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); }
.headline { border-left: 6px solid var(--bad); } .headline.good { border-left-color: var(--good); }
.headline .big { font-size: 30px; line-height: 1.2; font-weight: 650; letter-spacing: -0.015em; margin: 0; }
.headline .exposed { font-size: 17px; margin: 6px 0 0; } .headline ul { margin: 12px 0 0; padding-left: 20px; }
.tiles { display: grid; gap: 12px; grid-template-columns: repeat(auto-fit, minmax(220px, 1fr)); margin: 0; }
.tiles div { border: 1px solid var(--line); border-radius: 10px; padding: 10px 14px; background: var(--card); }
.tiles dt { color: var(--soft); font-size: 13px; }
.tiles dd { margin: 0; font-size: 20px; font-weight: 600; font-variant-numeric: tabular-nums; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
th { text-align: left; font-weight: 600; font-size: 13px; color: var(--soft); }
th, td { padding: 5px 10px 5px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
tfoot th, tfoot td { border: 0; color: var(--ink); font-weight: 650; font-size: inherit; }
td.n, th.n { text-align: right; white-space: nowrap; } tr.none { color: var(--soft); }
.scroll { overflow-x: auto; } .id { font-family: ui-monospace, Menlo, Consolas, monospace; font-size: 13px; overflow-wrap: anywhere; }
.names { table-layout: fixed; } .names col:first-child { width: 36%; } .sentence::first-letter { text-transform: uppercase; }
pre { margin: 0; padding: 12px; border: 1px solid var(--line); border-radius: 8px; background: var(--page); font-size: 12.5px;
  white-space: pre-wrap; overflow-wrap: anywhere; }
dl.facts { display: grid; grid-template-columns: max-content 1fr; gap: 4px 20px; margin: 0 0 16px; }
dl.facts dt { color: var(--soft); } dl.facts dd { margin: 0; overflow-wrap: anywhere; }
.chip { display: inline-block; width: 10px; height: 10px; border-radius: 3px; margin-right: 8px; }
.good-bg { background: var(--good); } .claim-bg { background: var(--claim); } .bad-bg { background: var(--bad); }
.open-bg { background: var(--open); } .aside-bg { background: var(--aside); }
svg { display: block; width: 100%; height: auto; } svg text { fill: var(--soft); font: 12px system-ui, sans-serif; }
.good-fill { fill: var(--good); } .claim-fill { fill: var(--claim); } .bad-fill { fill: var(--bad); }
.open-fill { fill: var(--open); } .aside-fill { fill: var(--aside); }
.grid { stroke: var(--line); } .axis { stroke: var(--soft); } .whisker { stroke: var(--claim); stroke-width: 2; }
.curve { fill: none; stroke-width: 2.5; stroke-linejoin: round; } .area { opacity: 0.14; }
.curve.good { stroke: var(--good); } .curve.claim { stroke: var(--claim); } .target { stroke: var(--soft); stroke-dasharray: 4 4; }
@media print { :root { --page: #fff; --card: #fff; --ink: #000; --soft: #444; --line: #bbb;
  --good: #1b8a5a; --claim: #2f74c0; --bad: #c8372d; --open: #c98a12; --aside: #7d8894; }
  body { font-size: 11px; } main { padding: 0; max-width: none; gap: 10px; }
  section { border-radius: 0; padding: 10px 12px; } tr, svg, .tiles div { break-inside: avoid; } h2, h3 { break-after: avoid; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; } }
</style>`);
