/** An update shows by itself: whoever runs the new version when it comes back has done it. */
import { RoaringBitmap32 } from "roaring-wasm";
import type { Campaign } from "../../campaign/campaign.ts";
import type { Outcomes, Words } from "./outcomes.ts";

export class UpdateOutcomes implements Outcomes {
  readonly done = new RoaringBitmap32();
  readonly failed = new RoaringBitmap32();
  readonly needless = new RoaringBitmap32();
  readonly #commandIds: ReadonlySet<string>;
  readonly #newVersion: string | undefined;

  constructor({ commandIds, request }: Campaign) {
    this.#commandIds = new Set([commandIds.canary, commandIds.mass]);
    this.#newVersion = request.newVersion;
  }

  noteSent(): void {
    // That it was sent says nothing yet.
  }

  note({ ordinal, software, lastUpdate: last }: Words, isSent: boolean): void {
    // A device that names our command was sent it, also when the mark of that was lost with a gateway.
    const isOurs = last !== undefined && this.#commandIds.has(last.command_id);
    if (!isOurs && !isSent) {
      if (software?.version === this.#newVersion) this.needless.add(ordinal);
      return;
    }
    if (software?.version === this.#newVersion) {
      this.done.add(ordinal);
      this.failed.remove(ordinal);
    } else if (isOurs && (last.state === "failed" || last.state === "rolled_back" || last.state === "cancelled")) {
      this.failed.add(ordinal);
    }
  }

  settled(): RoaringBitmap32 {
    return RoaringBitmap32.or(this.done, this.failed);
  }
}
