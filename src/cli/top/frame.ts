/** One look at the channel as lines for a person, no wider than the terminal. Pure: the same figures give the same lines. */
import { bar } from "../../after-action/terminal-parts.ts";
import { bytesText, countText, durationText, percentText, timeText } from "../../after-action/wording.ts";
import type { ChannelView, OrderProgress } from "../../server/channel-watch.ts";
import type { Rates } from "./rates.ts";

export interface Size {
  readonly columns: number;
  readonly rows: number;
}

/** Lines without the parts: title, figures, reasons, orders and the spaces between them. */
const OTHER_ROWS = 19;
const BAR_COLUMNS = 16;
/** The bar and two counts of up to ten million. */
const REACH_COLUMNS = BAR_COLUMNS + 22;
const CODE = /^ERR_CHANNEL_/;

/** `title`: what there is to say instead of the usual. */
export function renderFrame(
  view: ChannelView,
  rates: Rates | undefined,
  { columns, rows }: Size,
  title = titleOf(view),
): readonly string[] {
  const { total, parts } = view;
  const shown = parts.slice(0, Math.max(1, rows - OTHER_ROWS));
  const hidden = parts.length - shown.length;
  const lines = [
    title,
    "",
    ...figures(view, rates),
    `refused     ${countText(total.refused)}${reasons(total.refusals)}`,
    `closed      ${countText(Object.values(total.closings).reduce((sum, count) => sum + count, 0))}${reasons(total.closings)}`,
    `over limit  ${reasons(total.breaches).replace(": ", "") || "nothing"}`,
    "",
    row(["part", "channels", "sent/s", "queue", "backlog", "slice", "loop", "memory", "heard"]),
    ...shown.map(({ part, ageMs, stats }) =>
      row([
        part,
        countText(stats.channels),
        rateText(rates?.parts.get(part)),
        bytesText(stats.queuedBytes),
        countText(stats.backlogged),
        shortText(stats.sliceLongestMs),
        shortText(stats.loopDelayMs),
        bytesText(stats.residentBytes),
        durationText(ageMs),
      ]),
    ),
    ...(hidden > 0 ? [`  and ${hidden} more`] : []),
    "",
    orderRow("order", "what", "sent to", "pace", "campaign"),
    ...view.orders.map((order) => orderLine(order, rates)),
  ];
  return lines.map((line) => clip(line.trimEnd(), columns));
}

function titleOf({ atMs, parts: { length } }: ChannelView): string {
  return `Edict gateway  ${timeText(atMs)}  ${length} ${length === 1 ? "part" : "parts"}  (q quits)`;
}

/** For a pipe, a log or a narrow screen. */
export function renderLine(view: ChannelView, rates: Rates | undefined): string {
  const { total, ordersBehind, depot } = view;
  const sending = view.orders.find(({ targets, sent }) => sent < targets);
  const order =
    sending === undefined ? "" : `, order ${sending.seq} ${sending.kind} ${countText(sending.sent)}/${countText(sending.targets)}`;
  const queue = `queue ${bytesText(total.queuedBytes)} on ${countText(total.backlogged)}`;
  return `${timeText(view.atMs)} channels ${countText(total.channels)}, sent ${countText(total.sent)} (${rateText(rates?.sent)}), ${queue}, slow ${countText(tooSlow(view))}, refused ${countText(total.refused)}, behind ${ordersBehind}, depot ${countText(depot.sending)} sending (load ${loadText(depot)})${order}`;
}

function figures(view: ChannelView, rates: Rates | undefined): readonly string[] {
  const { total, ordersBehind, quarantined, depot } = view;
  const silence = total.silenced > 0 ? "SILENT: nothing is sent" : `heard ${durationText(total.managerSilentMs)} ago`;
  const stop = total.stops === 0 ? "none" : `in force after ${durationText(total.stopMs)}`;
  return [
    `channels    ${countText(total.channels)}, opening ${countText(total.opening)}, resumed ${percentText(total.resumptions, total.handshakes)} of ${countText(total.handshakes)} handshakes`,
    `commands    ${countText(total.sent)} sent (${rateText(rates?.sent)}), ${countText(total.late)} of them late, ${bytesText(total.unaskedBytes)} unasked`,
    `queue       ${bytesText(total.queuedBytes)} on ${countText(total.backlogged)} channels, ${countText(tooSlow(view))} closed as too slow`,
    `manager     ${silence}, ${ordersBehind} orders behind, ${countText(total.reportsWaiting)} reports wait`,
    `last stop   ${stop}`,
    `kept out    ${countText(total.denied)} denied, ${countText(quarantined)} quarantined`,
    `depot       ${countText(depot.sending)} sending, ${bytesText(depot.bytesPerSecond)}/s, load ${loadText(depot)}; ${outcomes(depot)}`,
  ];
}

/** Of whatever is nearest to its limit; above 100 % no wave begins. */
function loadText({ loadShare }: ChannelView["depot"]): string {
  return `${Math.round(loadShare * 100)} %`;
}

function outcomes({ served, cut, shed, missing, failed }: ChannelView["depot"]): string {
  return Object.entries({ served, cut, shed, missing, failed })
    .map(([outcome, count]) => `${countText(count)} ${outcome}`)
    .join(", ");
}

function orderLine({ seq, kind, campaignId, targets, sent }: OrderProgress, rates: Rates | undefined): string {
  const pace = rates?.orders.get(seq);
  const isSending = sent < targets;
  const reach = targets === 0 ? "" : `${bar(sent / targets, BAR_COLUMNS).padEnd(BAR_COLUMNS)} ${countText(sent)}/${countText(targets)}`;
  return orderRow(String(seq), kind, reach, isSending ? rateText(pace) : "", campaignId);
}

function orderRow(seq: string, kind: string, reach: string, pace: string, campaign: string): string {
  return `${seq.padStart(5)}  ${kind.padEnd(6)}  ${reach.padEnd(REACH_COLUMNS)}  ${pace.padEnd(9)}  ${campaign}`;
}

function row([name = "", ...figuresOf]: readonly string[]): string {
  return name.padEnd(14) + figuresOf.map((figure) => figure.padStart(10)).join("");
}

/** The most frequent first; codes without what they all begin with. */
function reasons(counts: Readonly<Record<string, number>>): string {
  const some = Object.entries(counts).toSorted(([, a], [, b]) => b - a);
  return some.length === 0 ? "" : `: ${some.map(([reason, count]) => `${reason.replace(CODE, "")} ${countText(count)}`).join(", ")}`;
}

function tooSlow({ total }: ChannelView): number {
  return total.closings["ERR_CHANNEL_TOO_SLOW"] ?? 0;
}

function rateText(rate: number | undefined): string {
  return rate === undefined ? "-" : `${countText(rate)}/s`;
}

/** Times below a second, with the tenth of a ms that a slice is made of. */
function shortText(ms: number): string {
  return ms < 100 ? `${ms.toFixed(1)} ms` : durationText(ms);
}

function clip(line: string, columns: number): string {
  const characters = [...line];
  return characters.length <= columns ? line : `${characters.slice(0, Math.max(0, columns - 1)).join("")}…`;
}
