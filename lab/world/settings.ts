/** What kind of world a seed makes: how many devices, which patch, which ladder, and what goes wrong. */
import type { LadderChoice } from "../../src/campaign/wave-order.ts";
import type { HaltRules } from "../../src/trust/permit.ts";
import type { BugName } from "./bugs.ts";
import { chanceOf, sizeFrom } from "./chance.ts";

/** 2027-01-15, a Friday morning. */
export const START_MS = 1_800_000_000_000;
/** Devices connect in this time before the campaign is drafted. */
export const WARM_UP_MS = 120_000;
export const MINUTE_MS = 60_000;
export const HOUR_MS = 3_600_000;

/** What the new image does to the devices that it is bad for. */
export interface Patch {
  /** Bricks: they never come back. Fails: they boot, are not well, and roll back. */
  readonly harm: "none" | "bricks" | "fails";
  /** Share (0..1) of the model. */
  readonly share: number;
}

/** Something that runs on devices beside their software. */
export interface SimProcess {
  readonly name: string;
  /** Share (0..1) of all devices that run it at first. */
  readonly share: number;
  /** Whether a start brings it back: always, or through a hole in the old image. Left out: it is gone then. */
  readonly returns?: "always" | "in the old image";
  /** A device that has lost it has lost its network, until its next start. */
  readonly isNeeded?: boolean;
}

export interface Faults {
  /** Share of messages (0..1) that are lost with the channel that they were on. */
  readonly loss: number;
  /** Share of messages that arrive twice, and out of order: what a hostile network can do at most. */
  readonly echo: number;
  /** ms that messages are delayed at most, besides what is usual. */
  readonly delayMs: number;
  /** How often it happens in the course of the world. */
  readonly managerCrashes: number;
  /** A crash of the manager in the middle of the transaction that adds an order. */
  readonly cutOrders: number;
  readonly gatewayCrashes: number;
  readonly partitions: number;
  readonly massPowerCuts: number;
  readonly depotOutages: number;
  /** Shares of devices (0..1). */
  readonly powerCuts: number;
  readonly flakyFlash: number;
  readonly badDownloads: number;
  readonly wrongClocks: number;
  readonly evilGateway: boolean;
  readonly evilDatabase: boolean;
}

/** Devices that appear when the campaign is under way. */
export interface Newcomers {
  /** Those that nobody knows of when it is drafted: the last ones by their numbers. */
  readonly late: number;
  /** How many people sign that may join. */
  readonly countMax: number;
  /** How often a shop sells some of them at a time that chance chooses; others subscribe meanwhile. 0: a script says who appears when. */
  readonly sales: number;
}

export interface Settings {
  readonly seed: number;
  readonly devices: number;
  /** So many of them are the agent itself, with real files and signatures; the others are its model. */
  readonly agents: number;
  readonly gateways: number;
  readonly patch: Patch;
  /** At most eight. */
  readonly processes?: readonly SimProcess[];
  /** The process that people stop, by a campaign of its own, before they update. */
  readonly stops?: string;
  readonly ladder: LadderChoice;
  readonly halt: HaltRules;
  readonly spreadMs: number;
  readonly ratePerSecond: number;
  /** How long the permit lasts. ms */
  readonly windowMs: number;
  /** Share of devices (0..1) without power at first: they come in the course of the permit, or after it. */
  readonly absent: number;
  readonly newcomers?: Newcomers;
  /** When people stop the campaign and let it go on, in ms from its start. */
  readonly stopMs?: number;
  readonly resumeMs?: number;
  readonly faults: Faults;
  readonly bug?: BugName;
}

export const NO_FAULTS: Faults = {
  loss: 0,
  echo: 0,
  delayMs: 0,
  managerCrashes: 0,
  cutOrders: 0,
  gatewayCrashes: 0,
  partitions: 0,
  massPowerCuts: 0,
  depotOutages: 0,
  powerCuts: 0,
  flakyFlash: 0,
  badDownloads: 0,
  wrongClocks: 0,
  evilGateway: false,
  evilDatabase: false,
};

/** Every fault by itself is in about a third of all worlds, so that each meets each. */
export function settingsOf(seed: number, devices?: number): Settings {
  const chance = chanceOf(seed);
  const draw = (what: string) => chance(`settings ${what}`);
  const sometimes = <T>(what: string, value: T, otherwise: T): T => (draw(what) < 0.35 ? value : otherwise);
  const times = (what: string) => sometimes(what, 1 + Math.floor(draw(`how many ${what}`) * 3), 0);
  const share = (what: string, most: number) => sometimes(what, draw(`how much ${what}`) * most, 0);
  const harm = draw("harm");
  const count = devices ?? sizeFrom(draw("devices") ** 1.5, 50, 5_000);
  return {
    seed,
    devices: count,
    agents: Math.min(count, sometimes("agents", Math.floor(draw("how many agents") * 20), 0)),
    gateways: 1 + Math.floor(draw("gateways") * 3),
    patch:
      harm < 0.6
        ? { harm: "none", share: 0 }
        : { harm: harm < 0.8 ? "bricks" : "fails", share: draw("share of harm") < 0.5 ? 1 : draw("harmed") },
    ladder: {
      soakMs: Math.round(draw("soak") * 10 * MINUTE_MS),
      settledShare: 0.8 + draw("settled") * 0.2,
      settleMaxMs: Math.round((5 + draw("settle") * 25) * MINUTE_MS),
    },
    halt: { failed_share_max: 0.05, missing_share_max: 0.1 + draw("missing") * 0.1 },
    spreadMs: Math.round(draw("spread") * 2 * MINUTE_MS),
    ratePerSecond: sizeFrom(draw("rate"), 50, 20_000),
    windowMs: Math.round((2 + draw("window") * 4) * HOUR_MS),
    absent: share("absent", 0.4),
    ...sometimes("stops", stopsOf(draw), {}),
    ...sometimes("newcomers", { newcomers: newcomersOf(count, draw) }, {}),
    ...sometimes(
      "stop",
      { stopMs: Math.round(draw("when stop") * HOUR_MS), resumeMs: Math.round((1 + draw("when resume")) * HOUR_MS) },
      {},
    ),
    faults: {
      loss: share("loss", 0.05),
      echo: share("echo", 0.1),
      delayMs: share("delay", 20_000),
      managerCrashes: times("manager crashes"),
      cutOrders: times("cut orders"),
      gatewayCrashes: times("gateway crashes"),
      partitions: times("partitions"),
      massPowerCuts: sometimes("mass power cut", 1, 0),
      depotOutages: times("depot outages"),
      powerCuts: share("power cuts", 0.3),
      flakyFlash: share("flaky flash", 0.03),
      badDownloads: share("bad downloads", 0.05),
      wrongClocks: share("wrong clocks", 0.1),
      evilGateway: sometimes("evil gateway", true, false),
      evilDatabase: sometimes("evil database", true, false),
    },
  };
}

/** The attacker's own, that comes back through the hole in the old image; sometimes people mistake what devices need for it. */
function stopsOf(draw: (what: string) => number): Pick<Settings, "processes" | "stops"> {
  const attackers: SimProcess = { name: "dvrHelper", share: draw("how many are taken over"), returns: "in the old image" };
  const needed: SimProcess = { name: "netd", share: draw("how many need it"), returns: "always", isNeeded: true };
  return { processes: [attackers, needed], stops: draw("a mistake") < 0.3 ? needed.name : attackers.name };
}

function newcomersOf(devices: number, draw: (what: string) => number): Newcomers {
  return {
    late: Math.floor(devices * draw("how many are late") * 0.3),
    countMax: sizeFrom(draw("how many may join"), 1, 1_000),
    sales: 1 + Math.floor(draw("how many sales") * 6),
  };
}

const HEALTHY: Patch = { harm: "none", share: 0 };

/** A large world without faults, in no hurry: an hour of soaking after each wave. */
export function calm(seed: number, devices: number): Settings {
  return {
    ...emergency(seed, devices, HEALTHY),
    ladder: { lane: "calm" },
    spreadMs: 10 * MINUTE_MS,
    windowMs: 24 * HOUR_MS,
    absent: 0.05,
  };
}

/** The lane for emergencies: the same ladder and the same signatures, short soaks, no spread. */
export function emergency(seed: number, devices: number, patch: Patch): Settings {
  return {
    seed,
    devices,
    agents: Math.min(devices, 200),
    gateways: 4,
    patch,
    ladder: { lane: "emergency" },
    halt: { failed_share_max: 0.05, missing_share_max: 0.1 },
    spreadMs: 0,
    ratePerSecond: 50_000,
    windowMs: HOUR_MS,
    absent: 0,
    faults: NO_FAULTS,
  };
}
