/**
 * Brings documents of trust to devices: the versions that a device lacks when it checks in, and a new one to all who stand, in slices.
 * They are written ahead of the orders of their time, so that a device judges a command by those who have the say now.
 */
import { setImmediate as turn } from "node:timers/promises";
import { directorNameOf } from "../../trust/director.ts";
import { parseRootDocument } from "../../trust/root-document.ts";
import { SLICE_CHANNELS } from "../limits.ts";
import { CLOSE, encodeTrust, type TrustVersions } from "../wire/index.ts";
import type { Connection } from "./connection.ts";
import type { Hub } from "./hub.ts";
import { type Wrapped, wrapTrust } from "./wrapping.ts";

interface Document extends Wrapped {
  /** The director's, undefined for the map. */
  readonly name: string | undefined;
  readonly version: number;
}

export class TrustFeed {
  readonly #hub: Hub;
  /** In the order of the log: a map comes before the versions of the directors that it appoints. */
  readonly #documents: Document[] = [];

  constructor(hub: Hub) {
    this.#hub = hub;
  }

  add(bytes: Uint8Array): void {
    const { version } = parseRootDocument(bytes);
    const document = { name: directorNameOf(bytes), version, ...wrapTrust(encodeTrust(bytes)) };
    this.#documents.push(document);
    void this.#spread(document);
  }

  /** Before anything else that waits for this device. */
  welcome(connection: Connection, versions: TrustVersions | undefined): void {
    if (versions === undefined) return;
    connection.followsTrust = true;
    for (const document of this.#documents) {
      const known = document.name === undefined ? versions.map : (versions.directors[document.name] ?? 0);
      if (document.version > known) this.#write(document, connection);
    }
  }

  async #spread(document: Document): Promise<void> {
    // Those who stand now: who connects from now on is welcomed with it.
    const standing = Array.from(this.#hub.all());
    let looked = 0;
    for (const connection of standing) {
      if (connection.followsTrust) this.#write(document, connection);
      looked += 1;
      if (looked % SLICE_CHANNELS === 0) await turn();
    }
  }

  #write(document: Document, connection: Connection): void {
    if (connection.isOpen && connection.tell(document) === "refused") this.#hub.close(connection, "ERR_CHANNEL_TOO_SLOW", CLOSE.tryLater);
  }
}
