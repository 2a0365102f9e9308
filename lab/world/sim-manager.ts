/**
 * The manager: its own stores on its own tables, intake, live view and driver. The database is in memory; a crash takes everything else
 * away, at any call that is made to the store, and what was committed is what the next start finds.
 */
import type { Database } from "bun:sqlite";
import { Driver } from "../../src/campaign/driver.ts";
import type { ReleaseChange } from "../../src/campaign/plan-types.ts";
import type { CampaignStore, Observer } from "../../src/campaign/ports.ts";
import { SqliteCampaignStore } from "../../src/campaign/sqlite/campaign-store.ts";
import { openDatabase } from "../../src/fleet/sqlite/database.ts";
import { SqliteFleetStore } from "../../src/fleet/sqlite/fleet-store.ts";
import { Intake } from "../../src/server/intake.ts";
import { LiveView } from "../../src/server/live-view.ts";
import { Quarantine } from "../../src/server/quarantine.ts";
import type { Director } from "../../src/trust/director.ts";
import { DirectorHistory } from "../../src/trust/verify/index.ts";
import { TENANT } from "./catalogue.ts";
import type { EventLog } from "./event-log.ts";
import type { VirtualTime } from "./virtual-time.ts";

/** The power of the manager has gone, in the middle of a call to its store. */
export class PowerCut extends Error {}

export interface ManagerPorts {
  readonly time: VirtualTime;
  readonly log: EventLog;
  readonly director: Director;
  /** Why no wave may begin now. */
  readonly problem: () => string | undefined;
  /** What became of the release in the image repository. */
  readonly release: () => ReleaseChange | undefined;
  /** There may be new orders. */
  readonly onOrder: () => void;
  readonly onCrash: () => void;
  /** Planted bugs stand between the driver and what it works with. */
  readonly wrapStore: (store: CampaignStore) => CampaignStore;
  readonly wrapObserver: (observer: Observer) => Observer;
}

interface Running {
  readonly intake: Intake;
  readonly driver: Driver;
  readonly live: LiveView;
}

export class SimManager {
  readonly #ports: ManagerPorts;
  readonly #database: Database = openDatabase(":memory:");
  readonly fleet = new SqliteFleetStore(this.#database);
  /** What is kept: read by the world's own checks, never through a bug. */
  readonly campaigns = new SqliteCampaignStore(this.#database);
  #running: Running | undefined;
  #callsLeft = Number.POSITIVE_INFINITY;
  #isOrderItsLast = false;
  #life = 0;
  #isDown = true;

  constructor(ports: ManagerPorts) {
    this.#ports = ports;
  }

  get intake(): Intake | undefined {
    return this.#running?.intake;
  }

  get driver(): Driver | undefined {
    return this.#running?.driver;
  }

  get live(): LiveView | undefined {
    return this.#running?.live;
  }

  start(): void {
    const { time, log, director, problem, release, onOrder, wrapStore, wrapObserver } = this.#ports;
    this.#life += 1;
    this.#isDown = false;
    const campaigns = this.#failing(wrapStore(this.campaigns), this.#life);
    const live = new LiveView(this.fleet, campaigns, time, problem);
    const quarantine = new Quarantine(campaigns.ledger());
    const intake = new Intake({
      fleet: this.fleet,
      campaigns,
      quarantine,
      tenant: TENANT,
      onCommitted: (evidence, sent) => live.note(evidence, sent),
      onStanding: (ordinals) => live.noteStanding(ordinals),
    });
    const observer = wrapObserver({ planFacts: (campaign, all) => ({ ...live.planFacts(campaign, all), release: release() }) });
    const driver = new Driver({ store: campaigns, observer, directors: new DirectorHistory(director), clock: time, onOrder });
    this.#running = { intake, driver, live };
    log.note("starts", "manager");
  }

  /** One turn of the clockwork. */
  tick(): void {
    this.guard(() => this.#running?.driver.tick());
  }

  /** Its power goes at the so-manyth call from now. */
  crashAfter(calls: number): void {
    this.#callsLeft = calls;
  }

  /** Its power goes when its next order is written, and nothing else of the same transaction. */
  crashInOrder(): void {
    this.#isOrderItsLast = true;
  }

  /** Does something that may be its last. */
  guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      if (!isPowerCut(error)) throw error;
    }
  }

  close(): void {
    this.#database.close();
  }

  /** What a life that has ended still had under way does not reach the store. */
  #failing(store: CampaignStore, life: number): CampaignStore {
    return new Proxy(store, {
      get: (target, name: keyof CampaignStore) => {
        const method = target[name] as (...given: never[]) => unknown;
        return (...given: never[]) => {
          if (this.#isDown || life !== this.#life) throw new PowerCut("this life is over");
          this.#callsLeft -= 1;
          if (this.#callsLeft <= 0) this.#crash();
          const result = method.apply(target, given);
          if (name === "addOrder" && this.#isOrderItsLast) this.#crash();
          return result;
        };
      },
    });
  }

  #crash(): never {
    this.#callsLeft = Number.POSITIVE_INFINITY;
    this.#isOrderItsLast = false;
    this.#running = undefined;
    this.#isDown = true;
    this.#ports.log.note("crashes", "manager");
    this.#ports.onCrash();
    throw new PowerCut("the manager's power fails");
  }
}

function isPowerCut(error: unknown): boolean {
  return error instanceof PowerCut || (error instanceof AggregateError && error.errors.some(isPowerCut));
}
