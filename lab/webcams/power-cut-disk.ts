/** A disk whose power fails in the middle of an install: half of a write is left, and nothing after it happens. */
import { Disk, type Step } from "../../src/agent/index.ts";

export class PowerCut extends Error {}

/** The first writes are the boot's and the acceptance of the command; the next ones are the image on its way into the slot. */
const WRITES_BEFORE = 3;

export class PowerCutDisk extends Disk {
  #writes = 0;
  #isDark = false;

  protected override async step({ kind }: Step, work: () => Promise<void>, torn?: () => Promise<void>): Promise<void> {
    if (this.#isDark) throw new PowerCut("there is no power");
    if (kind === "write") this.#writes += 1;
    if (this.#writes <= WRITES_BEFORE) {
      await work();
      return;
    }
    this.#isDark = true;
    await torn?.();
    throw new PowerCut("the power was cut");
  }
}
