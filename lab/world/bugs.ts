/**
 * Bugs that are planted on request, each where a real one could be, to show that the simulator finds it. They stand in wrappers around
 * the real parts: no product code knows of them.
 */
import { RoaringBitmap32 } from "roaring-wasm";
import type { Observer } from "../../src/campaign/ports.ts";
import type { CampaignStore } from "../../src/campaign/ports.ts";
import type { Invariant } from "./violation.ts";

/** Name -> what is broken, and which rules may notice. */
export const BUGS = {
  "forgets-permit": {
    what: "the gateway sends an order before it has checked the permit",
    finds: ["no send without a valid permit of two people"],
  },
  "half-commit": {
    what: "the manager's orders survive a crash that its campaign does not",
    finds: ["each wave once, in order", "a stop stops"],
  },
  "takes-anybody": { what: "whoever there is joins, whether it matches or not", finds: ["only newcomers that match join"] },
  "skips-wave": { what: "a campaign that is resumed goes on with the wave after the next", finds: ["each wave once, in order"] },
  "blind-halt": { what: "failures and absences are not counted", finds: ["never beyond the halt threshold by more than one wave"] },
  "early-ack": { what: "the manager acknowledges reports that it has not committed", finds: ["acknowledged means durable"] },
  "credulous-device": { what: "devices install what nobody signed", finds: ["nothing unverified is installed"] },
  "deaf-gateway": { what: "the gateway does not hear stops", finds: ["a stop stops"] },
} as const satisfies { readonly [name: string]: { readonly what: string; readonly finds: readonly Invariant[] } };
export type BugName = keyof typeof BUGS;

/** No world has more devices. */
const ANYBODY = 5_000;

export function isBugName(name: string): name is BugName {
  return Object.hasOwn(BUGS, name);
}

/** Whether the rule that was broken is one of those that are there for it. */
export function isFoundBy(bug: BugName, invariant: string): boolean {
  const finds: readonly string[] = BUGS[bug].finds;
  return finds.includes(invariant);
}

export function buggyStore(store: CampaignStore, bug: BugName | undefined): CampaignStore {
  if (bug === "half-commit") return changed(store, { atomically: (work) => work() });
  if (bug === "skips-wave") {
    return changed(store, {
      put: (campaign) => {
        const isResumed = campaign.resumedMs !== undefined && campaign.resumedMs > campaign.waveAtMs;
        const isSkipped = isResumed && campaign.wave + 2 < campaign.waves.length && campaign.wave >= 0;
        store.put(isSkipped && store.get(campaign.id)?.resumedMs === undefined ? { ...campaign, wave: campaign.wave + 1 } : campaign);
      },
    });
  }
  return store;
}

export function buggyObserver(observer: Observer, bug: BugName | undefined): Observer {
  if (bug !== "blind-halt" && bug !== "takes-anybody") return observer;
  return {
    planFacts: (campaign, all) => {
      const facts = observer.planFacts(campaign, all);
      if (bug === "takes-anybody") return { ...facts, newcomers: RoaringBitmap32.fromRange(0, ANYBODY) };
      return { ...facts, waves: facts.waves.map((wave) => ({ ...wave, failed: 0, away: 0, lost: 0, looping: 0 })) };
    },
  };
}

function changed(store: CampaignStore, change: Partial<CampaignStore>): CampaignStore {
  return new Proxy(store, {
    get: (target, name: keyof CampaignStore) => {
      const method = change[name] ?? target[name];
      return (method as (...given: never[]) => unknown).bind(target);
    },
  });
}
