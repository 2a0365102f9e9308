/**
 * Signed commands as they travel, each known once. Devices of one kind verify the same bytes with the same code and keys: so the real
 * verification runs once for each distinct frame, and a million compact devices share what it found. Full agents verify for themselves.
 */
import { EdictError } from "../../src/openc2/edict-error.ts";
import { type Authority, type VerifiedCommand, verifyCommandFor } from "../../src/trust/verify/index.ts";
import { MODEL, VENDOR } from "./catalogue.ts";
import type { VirtualTime } from "./virtual-time.ts";

export interface Frame {
  readonly text: string;
  readonly bytes: Uint8Array;
  /** What verification said, but for the time: the command, or the code of its refusal. */
  verdict: VerifiedCommand | string;
}

export class Frames {
  readonly #authority: Authority;
  readonly #time: VirtualTime;
  readonly #byText = new Map<string, Frame>();
  readonly #byBytes = new WeakMap<Uint8Array, Frame>();

  constructor(authority: Authority, time: VirtualTime) {
    this.#authority = authority;
    this.#time = time;
  }

  /** Its verdict is there before the next event. */
  of(bytes: Uint8Array): Frame {
    const known = this.#byBytes.get(bytes);
    if (known !== undefined) return known;
    const text = new TextDecoder().decode(bytes);
    let frame = this.#byText.get(text);
    if (frame === undefined) {
      frame = { text, bytes, verdict: "not verified yet" };
      this.#byText.set(text, frame);
      this.#time.stir();
      void this.#judge(frame);
    }
    this.#byBytes.set(bytes, frame);
    return frame;
  }

  async #judge(frame: Frame): Promise<void> {
    try {
      // At no time yet: what has expired, each device says by its own clock.
      frame.verdict = await verifyCommandFor(frame.bytes, {
        authority: this.#authority,
        device: { vendor: VENDOR, name: MODEL },
        nowMs: 0,
      });
    } catch (error) {
      frame.verdict = error instanceof EdictError ? error.code : String(error);
    }
  }
}
