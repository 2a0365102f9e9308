/**
 * The devices that misbehave on purpose, what is done to each, and the verdict that an honest after-action must reach.
 * They are taken from outside the canary, so that the story shows the ladder climbing; halting is told elsewhere.
 */
import type { VerdictName } from "../../src/fleet/verdict.ts";
import type { Random } from "./random.ts";

export const MISFITS = {
  "switched-off": { story: "switched off before, back later", verdict: "verified" },
  "power-cut": { story: "power cut in the middle of the install", verdict: "verified" },
  "corrupt-download": { story: "fetches from a cache that alters bytes", verdict: "failed" },
  unhealthy: { story: "the new version fails its health check", verdict: "rolled-back" },
  "by-itself": { story: "went to the new version by itself", verdict: "not-applicable" },
  revoked: { story: "its certificate was put on the deny list", verdict: "unreachable" },
  gone: { story: "reboots and never returns", verdict: "unreachable" },
} as const satisfies Record<string, { story: string; verdict: VerdictName }>;

export type MisfitKind = keyof typeof MISFITS;

export interface Misfit {
  readonly id: string;
  readonly kind: MisfitKind;
}

export function chooseMisfits(candidates: readonly string[], random: Random): readonly Misfit[] {
  const kinds = Object.keys(MISFITS) as MisfitKind[];
  if (candidates.length < kinds.length)
    throw new Error(`the story needs ${kinds.length} devices outside the canary, there are ${candidates.length}`);
  const left = [...candidates];
  return kinds.map((kind) => {
    const [id] = left.splice(Math.floor(random() * left.length), 1);
    return { id: id ?? "", kind };
  });
}
