/** What a simulated device needs of its world, and what its world tells it. The same for compact devices and full agents. */
import type { CheckIn } from "../../src/channel/wire/index.ts";
import type { DepotErrorCode } from "../../src/depot/client/index.ts";
import type { Response } from "../../src/openc2/index.ts";
import type { Chance } from "./chance.ts";
import type { Image } from "./catalogue.ts";
import type { EventLog } from "./event-log.ts";
import type { Frame, Frames } from "./frames.ts";
import type { SimProcess } from "./settings.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** What a device says, as it stands or in bytes. */
export type Said =
  | { readonly kind: "check-in"; readonly checkIn: CheckIn }
  | { readonly kind: "response"; readonly requestId: string; readonly response: Response }
  | { readonly kind: "bytes"; readonly bytes: Uint8Array };

/** What the network tells a device. */
export interface Endpoint {
  /** Its channel stands. */
  opened(ordinal: number): void;
  /** Its channel has ended, or did not come to stand. */
  closed(ordinal: number, reason: string): void;
  heard(ordinal: number, frame: Frame): void;
}

/** What a device tells the network. */
export interface Dialler {
  dial(ordinal: number): void;
  say(ordinal: number, said: Said): void;
  hangUp(ordinal: number): void;
  /** It is gone without a word: the other end notices later. */
  vanish(ordinal: number): void;
}

/** Where images come from, and how that goes wrong. */
export interface SimDepot {
  isUp(): boolean;
  /** Why it would not name the release now: a code that is worth another try. Undefined when it does. */
  problem(): DepotErrorCode | undefined;
  fetchMs(ordinal: number): number;
  /** Whether the bytes of this download were altered on the way. */
  isAltered(ordinal: number, download: number): boolean;
  fetched(ordinal: number, complete: boolean): void;
}

/** What the world decided about a device before it was made. */
export interface Fate {
  bricks(ordinal: number): boolean;
  fails(ordinal: number): boolean;
  /** Its flash loses what was written into the spare slot. */
  isFlaky(ordinal: number): boolean;
  skewMs(ordinal: number): number;
  bootMs(ordinal: number, boot: number): number;
  readonly processes: readonly SimProcess[];
  /** Which of them a start brings: a bit for each. */
  started(ordinal: number, boot: number, image: Image): number;
}

/** Sees what devices really do, which nobody in the system does. */
export interface Witness {
  /** `frame`: the command that it acts on. */
  installed(ordinal: number, image: Image, frame: Frame | undefined): void;
  /** What the slots hold after a start, the active one first. */
  booted(ordinal: number, active: Image, spare: Image, outcome: "as before" | "good" | "rolled back"): void;
  bricked(ordinal: number): void;
  refused(ordinal: number, code: string): void;
  /** Which processes it runs now. */
  runs(ordinal: number, bits: number): void;
  /** A compact device took the command for news. */
  obeyed(ordinal: number, commandId: string): void;
}

export interface DevicePorts {
  readonly time: VirtualTime;
  readonly chance: Chance;
  readonly network: Dialler;
  readonly depot: SimDepot;
  readonly fate: Fate;
  readonly witness: Witness;
  readonly log: EventLog;
  readonly frames: Frames;
}
