/** The standing channels of one gateway, by ordinal: one per identity. */
import { CLOSE } from "../wire/index.ts";
import type { Connection } from "./connection.ts";

export class Hub {
  readonly #byOrdinal = new Map<number, Connection>();

  get size(): number {
    return this.#byOrdinal.size;
  }

  get(ordinal: number): Connection | undefined {
    return this.#byOrdinal.get(ordinal);
  }

  all(): Iterable<Connection> {
    return this.#byOrdinal.values();
  }

  /**
   * Adds a channel. An older one of the same identity is closed and returned: most likely the device lost power and came
   * back before its old connection timed out. Telling that from a cloned key needs evidence that is not gathered yet.
   */
  add(connection: Connection): Connection | undefined {
    const older = this.#byOrdinal.get(connection.ordinal);
    this.#byOrdinal.set(connection.ordinal, connection);
    older?.close("ERR_CHANNEL_REPLACED", CLOSE.replaced);
    return older;
  }

  /** False when it was not (or no longer) the standing channel of its device. */
  remove(connection: Connection): boolean {
    if (this.#byOrdinal.get(connection.ordinal) !== connection) return false;
    return this.#byOrdinal.delete(connection.ordinal);
  }
}
