/** What a consumer tells whoever watches it, for logs and tests. Nothing of it goes to a peer. Pure. */
import type { Status } from "../model.ts";
import type { KeptState } from "./store.ts";

interface About {
  readonly peer: string;
  readonly id?: string;
}

export type ConsumerEvent =
  /** On disk; it will be done, whatever happens to this process. */
  | (About & {
      readonly kind: "accepted";
      readonly seq: number;
      readonly action: string;
      readonly target: string;
      readonly startMs: number;
    })
  /** With a stable code, e.g. ERR_CONSUMER_RATE. */
  | (About & { readonly kind: "refused"; readonly status: Status; readonly code: string; readonly reason: string })
  | (About & { readonly kind: "started"; readonly seq: number; readonly attempt: number })
  | (About & { readonly kind: "ended"; readonly seq: number; readonly state: KeptState; readonly status: Status })
  /** A handler or the store did what it must not. */
  | { readonly kind: "fault"; readonly cause: unknown };

export type Observer = (event: ConsumerEvent) => void;
