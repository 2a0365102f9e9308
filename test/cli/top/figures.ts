/** Fixed figures of a gateway of two parts in the middle of a fan-out, for looks at what `edict gateway top` makes of them. */
import { type GatewayStats, mergeStats } from "../../../src/channel/stats/gateway-stats.ts";
import { Figures } from "../../../src/depot/figures.ts";
import type { ChannelView } from "../../../src/server/channel-watch.ts";

const MIB = 1024 * 1024;

function part(figures: Partial<GatewayStats>): GatewayStats {
  return { ...mergeStats([]), startedMs: 1, ordersSeq: 12, ...figures };
}

/** As it was a second before, and as it is. */
export function views(): { readonly before: ChannelView; readonly now: ChannelView } {
  const first = part({
    channels: 7_490,
    sent: 604_551,
    queuedBytes: 12_700,
    backlogged: 3,
    sliceLongestMs: 9.84,
    loopDelayMs: 21.3,
    residentBytes: 210 * MIB,
    handshakes: 8_000,
    resumptions: 5_000,
    refused: 163,
    stops: 1,
    stopMs: 340,
    managerSilentMs: 1_200,
    refusals: { ERR_CHANNEL_UNKNOWN_DEVICE: 13, ERR_CHANNEL_CERTIFICATE_TIME: 150 },
    closings: { ERR_CHANNEL_TOO_SLOW: 11, "device-gone": 30 },
    breaches: { handshakes: 150, frames: 2 },
  });
  const second = part({ channels: 7_490, sent: 600_000, sliceLongestMs: 10.1, residentBytes: 208 * MIB, denied: 2, opening: 12, late: 14 });
  const stand = (atMs: number, sent: number, stats: readonly GatewayStats[]): ChannelView => ({
    atMs,
    total: mergeStats(stats),
    parts: stats.map((each, index) => ({ part: `gateway-1/${index + 1}`, ageMs: 400, stats: each })),
    ordersBehind: 0,
    quarantined: 1,
    depot: {
      ...new Figures().current,
      sending: 412,
      bytesPerSecond: 310 * MIB,
      served: 80_112,
      cut: 31,
      shed: 5,
      missing: 2,
      loadShare: 1.2,
    },
    orders: [
      { seq: 12, campaignId: "wc17_9674309", kind: "mass", atMs: 0, targets: 1_200_000, sent },
      { seq: 11, campaignId: "wc17_9674309", kind: "canary", atMs: 0, targets: 300, sent: 300 },
      { seq: 10, campaignId: "wc16_1", kind: "stop", atMs: 0, targets: 0, sent: 0 },
    ],
  });
  const atMs = Date.UTC(2026, 10, 25, 3, 0, 0);
  const earlier = [
    { ...first, sent: first.sent - 15_600 },
    { ...second, sent: second.sent - 15_000 },
  ];
  return { before: stand(atMs - 1_000, 373_600, earlier), now: stand(atMs, 404_200, [first, second]) };
}
