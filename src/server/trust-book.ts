/**
 * The manager's documents of trust: the director that it obeys itself, and what devices are given at enrolment. Each version comes
 * signed from people; it is checked here as a device would check it, committed to the log of orders, and so reaches gateways
 * and devices. The log is the truth: after a kill everything is followed from it again.
 */
import { existsSync, mkdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { CampaignStore } from "../campaign/ports.ts";
import { EdictError } from "../openc2/edict-error.ts";
import type { Clock } from "../trust/clock.ts";
import { type Director, directorNameOf, parseDirector } from "../trust/director.ts";
import { documentOf } from "../trust/root-document.ts";
import { type Authority, DirectorHistory, encodeAuthority, followDocument } from "../trust/verify/index.ts";
import { toBytes } from "./bytes.ts";
import type { State } from "./state-directory.ts";

interface TrustBookPorts {
  readonly state: Pick<State, "paths" | "director" | "authority">;
  readonly store: CampaignStore;
  readonly clock: Clock;
  /** A document was committed: gateways may ask for it. */
  readonly onOrder: () => void;
}

export class TrustBook {
  readonly directors: DirectorHistory;
  readonly #ports: TrustBookPorts;
  #authority: Authority;
  #turn: Promise<unknown> = Promise.resolve();

  /** Follows everything that was ever published, from what was pinned. */
  static async open(ports: TrustBookPorts): Promise<TrustBook> {
    const book = new TrustBook(ports);
    for (const { kind, seq, statement } of ports.store.ordersAfter(0)) if (kind === "trust") await book.#replay(toBytes(statement), seq);
    book.#save();
    return book;
  }

  private constructor(ports: TrustBookPorts) {
    this.#ports = ports;
    this.#authority = ports.state.authority;
    this.#keep(ports.state.director);
    this.directors = new DirectorHistory(ports.state.director);
  }

  get authority(): Authority {
    return this.#authority;
  }

  /** One after the other: each is held against the one before. Throws as followDocument. */
  publish(statement: string, person: string): Promise<Authority> {
    const published = this.#turn.then(() => this.#publish(toBytes(statement), statement, person));
    this.#turn = published.catch(() => undefined);
    return published;
  }

  async #publish(document: Uint8Array, statement: string, person: string): Promise<Authority> {
    const { store, clock, onOrder } = this.#ports;
    const next = await followDocument(this.#authority, document);
    const name = directorNameOf(document);
    const detail = {
      document: name ?? "authority map",
      version: next.directors.find((known) => known.name === name)?.version ?? next.map.version,
    };
    const row = store.atomically(() => {
      const atMs = clock.nowMs();
      const order = store.addOrder({ campaignId: "", kind: "trust", statement, atMs });
      store.appendLedger({ atMs, actor: person, act: "trust.published", detail: { seq: order.seq, ...detail } });
      return order;
    });
    if (name === this.directors.current.name) await this.directors.follow(document, row.seq);
    this.#authority = next;
    this.#save();
    onOrder();
    return next;
  }

  async #replay(document: Uint8Array, seq: number): Promise<void> {
    const name = directorNameOf(document);
    if (name === this.directors.current.name) await this.directors.follow(document, seq);
    if (name !== undefined) this.#keep(parseDirector(document));
    try {
      this.#authority = await followDocument(this.#authority, document);
    } catch (error) {
      // What the file holds is newer than what the log says next: it was written after that entry.
      if (!(error instanceof EdictError)) throw error;
    }
  }

  /** For enrolment: a new device begins with what is believed now. Derived from the log, so a cut between the two heals at the next start. */
  #save(): void {
    for (const director of this.#authority.directors) this.#keep(director);
    replace(this.#ports.state.paths.trust, encodeAuthority(this.#authority));
  }

  /** What people signed stays checkable after they have left. */
  #keep(director: Director): void {
    const { directors } = this.#ports.state.paths;
    const file = join(directors, `${encodeURIComponent(director.name)}.${director.version}.json`);
    if (existsSync(file)) return;
    mkdirSync(directors, { recursive: true, mode: 0o700 });
    replace(file, toBytes(JSON.stringify(documentOf(director))));
  }
}

function replace(file: string, bytes: Uint8Array): void {
  writeFileSync(`${file}.new`, bytes);
  renameSync(`${file}.new`, file);
}
