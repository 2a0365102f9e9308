/** A driver on a real database, a clock that is moved by hand and facts that are fed by hand; and the same after a crash. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RoaringBitmap32 } from "roaring-wasm";
import type { ZonesOf } from "../../src/campaign/apply.ts";
import type { DraftInput } from "../../src/campaign/draft.ts";
import type { CampaignStore } from "../../src/campaign/ports.ts";
import { Driver } from "../../src/campaign/driver.ts";
import { keepDraft } from "../../src/campaign/keep-draft.ts";
import { membersOf } from "../../src/campaign/newcomers.ts";
import type { WaveFacts } from "../../src/campaign/plan-types.ts";
import { SqliteCampaignStore } from "../../src/campaign/sqlite/campaign-store.ts";
import { DirectorHistory } from "../../src/trust/verify/index.ts";
import { openDatabase } from "../../src/fleet/sqlite/database.ts";
import { approver, author, BASE_ID, director, draftOf, signed } from "./people.ts";
import { factsOf, seen, T0 } from "./world.ts";

export class DriverWorld {
  readonly #directory = mkdtempSync(join(tmpdir(), "edict-driver-"));
  readonly #facts = new Map<number, WaveFacts>();
  #database = openDatabase(this.#path());
  nowMs = T0;
  nudges = 0;
  /** Who has appeared and matches, members among them. */
  appeared = new RoaringBitmap32();
  zonesOf: ZonesOf = (devices) => [{ value: "", devices }];
  store = new SqliteCampaignStore(this.#database);
  driver = this.driverOn(this.store);

  driverOn(store: CampaignStore): Driver {
    return new Driver({
      store,
      observer: {
        planFacts: (campaign) => {
          const waves = [...this.#facts.values()];
          if (campaign.state !== "done") return seen(waves);
          return seen(waves, { newcomers: RoaringBitmap32.andNot(this.appeared, membersOf(store, campaign)) });
        },
      },
      directors: new DirectorHistory(director),
      clock: { nowMs: () => this.nowMs },
      zonesOf: (targets) => this.zonesOf(targets),
      onOrder: () => {
        this.nudges += 1;
      },
    });
  }

  /** What a kill leaves: the file. */
  crash(): void {
    this.#database.close();
    this.#database = openDatabase(this.#path());
    this.store = new SqliteCampaignStore(this.#database);
    this.driver = this.driverOn(this.store);
  }

  async draft(count: number, change: Partial<DraftInput> = {}): Promise<void> {
    keepDraft(this.store, await draftOf(count, change));
  }

  async approve(): Promise<void> {
    await this.driver.sign(BASE_ID, await signed(this.campaign, [author, approver]));
  }

  /** Everybody of the wave was sent to and is back, but for what is said. */
  see(wave: number, change: Partial<WaveFacts> = {}): void {
    const count = this.campaign.waves[wave]?.count ?? 0;
    this.#facts.set(wave, factsOf(wave, count, { sent: count, settled: count, updated: count, ...change }));
  }

  /** Lets the wave be healthy, soak, and the next one go out. */
  climb(wave: number): void {
    this.see(wave);
    this.driver.tick();
    this.nowMs += 1_000;
    this.driver.tick();
  }

  get campaign() {
    const campaign = this.store.get(BASE_ID);
    if (campaign === undefined) throw new Error("no campaign was drafted");
    return campaign;
  }

  get acts(): readonly string[] {
    return [...this.store.ledger()].map(({ act }) => act);
  }

  close(): void {
    this.#database.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  #path(): string {
    return join(this.#directory, "edict.sqlite");
  }
}

/** Fails at the nth call, inside or outside of a transaction: the power goes there. */
export function failingAt(store: CampaignStore, nth: number): CampaignStore {
  let calls = 0;
  return new Proxy(store, {
    get:
      (target, name: keyof CampaignStore) =>
      (...values: never[]) => {
        if (++calls === nth) throw new Error("the power fails");
        return (target[name] as (...given: never[]) => unknown).apply(target, values);
      },
  });
}
