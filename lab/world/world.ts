/**
 * A world: manager, gateways, network, devices and people, from a seed's settings until its permit is long over. The real planner,
 * driver, stores, intake, order book, fan-out and after-action run in it; rules are held against the truth after every event.
 */
import type { Campaign } from "../../src/campaign/campaign.ts";
import { HEARTBEAT_MS } from "../../src/channel/limits.ts";
import { digestOf, IMAGE, imageBytes } from "./catalogue.ts";
import { Acknowledged } from "./acknowledged.ts";
import { type Chance, chanceOf, streamOf } from "./chance.ts";
import { checkLedger, checkServed, checkVerdicts } from "./checks.ts";
import { buggyObserver, buggyStore } from "./bugs.ts";
import { CompactDevices } from "./compact-devices.ts";
import type { DevicePorts } from "./device-ports.ts";
import { EventLog } from "./event-log.ts";
import { plantEvil } from "./evil.ts";
import { depotOf, fateOf } from "./fates.ts";
import { plantFaults } from "./faults.ts";
import { Frames } from "./frames.ts";
import { FullAgents } from "./full-agents.ts";
import { plantDecisions } from "./decisions.ts";
import { plantNewcomers } from "./newcomers.ts";
import { look } from "./looks.ts";
import { CAMPAIGN_ID, draft, signAll } from "./operators.ts";
import type { Outcome } from "./outcome.ts";
import { type People, people } from "./people.ts";
import { populate } from "./population.ts";
import { draftStop, plantAsking, STOP_ID } from "./stopping.ts";
import { HOUR_MS, type Settings, START_MS, WARM_UP_MS } from "./settings.ts";
import { SimBackplane } from "./sim-backplane.ts";
import { SimGateway } from "./sim-gateway.ts";
import { SimManager } from "./sim-manager.ts";
import { SimNetwork } from "./sim-network.ts";
import { Truth } from "./truth.ts";
import { VirtualTime } from "./virtual-time.ts";

/** The clockwork turns at least once in this time, and every second while anything happens. */
const TICK_MOST_MS = 30_000;
const TICK_LEAST_MS = 1_000;
/** Before the permit's end: by then everybody who could be served was. */
const SERVED_LOOK_MS = 60_000;

export class World {
  readonly settings: Settings;
  readonly time = new VirtualTime(START_MS);
  readonly chance: Chance;
  readonly log: EventLog;
  readonly truth: Truth;
  readonly network: SimNetwork;
  readonly manager: SimManager;
  readonly frames: Frames;
  readonly compact: CompactDevices;
  readonly agents: FullAgents;
  /** The gateway that means harm, and what it has heard so far. */
  evil: SimGateway | undefined;
  readonly heardByEvil = new Set<string>();
  readonly backplanes: SimBackplane[] = [];
  readonly people: People;
  readonly #acknowledged = new Acknowledged();
  readonly #onTick: (world: World) => void;
  readonly #script: (world: World) => void;
  /** Until when nobody can fetch. */
  depotDownUntilMs = 0;
  /** The manufacturer's repository no longer names the release. */
  isWithdrawn = false;
  /** Since when the campaign has been done under a manager that is up. ms since the epoch */
  idleSinceMs: number | undefined;
  /** Nobody has a certificate that a gateway takes: channels that stand go on standing. */
  isExpired = false;
  #tickMs = TICK_LEAST_MS;
  #seenEvents = 0;

  static async make(settings: Settings, options: WorldOptions = {}): Promise<World> {
    return new World(settings, await people(), options);
  }

  private constructor(settings: Settings, someone: People, { onLine, onTick = () => {}, script = () => {} }: WorldOptions) {
    const { time } = this;
    this.settings = settings;
    this.people = someone;
    this.#onTick = onTick;
    this.#script = script;
    this.chance = chanceOf(settings.seed);
    this.log = new EventLog(time, onLine);
    this.truth = new Truth(settings.devices, this.log, time, settings.processes);
    const { log, chance } = this;
    this.manager = new SimManager({
      time,
      log,
      director: someone.director,
      release: () => (this.isWithdrawn ? "withdrawn" : undefined),
      problem: () => (this.isExpired ? "the certificate authority has ended" : undefined),
      onOrder: () => this.nudge(),
      onCrash: () => time.in(5_000 + chance("manager is down", 0, time.events) * 120_000, () => this.startManager()),
      wrapStore: (store) => buggyStore(store, settings.bug),
      wrapObserver: (observer) => buggyObserver(observer, settings.bug),
    });
    this.frames = new Frames(someone.authority, time);
    this.network = new SimNetwork({
      time,
      chance,
      log,
      faults: settings.faults,
      frames: this.frames,
      manager: () => this.manager.intake,
      isExpired: () => this.isExpired,
      endpoint: (ordinal) => this.device(ordinal),
      onSend: (gateway, order, ordinal, frame) => {
        log.note("sends", gateway.name, `${order.commandId} to ${ordinal}`);
        this.truth.sends(gateway, order.campaignId, ordinal, frame, time.nowMs());
        if (gateway === this.evil) this.heardByEvil.add(frame.text);
      },
      isPassedOn: (gateway, ordinal) => gateway !== this.evil || chance("kept back", ordinal, time.nowMs()) > 0.1,
    });
    const ports = this.#devicePorts();
    this.compact = new CompactDevices(settings.devices, ports, settings.bug === "credulous-device");
    this.agents = new FullAgents(ports, someone.authority);
    time.forDevices((ordinal) => this.compact.due(ordinal));
    this.#makeGateways();
  }

  async run(): Promise<Outcome> {
    const { settings, time } = this;
    return time.during(streamOf(this.chance, "Math.random"), async () => {
      try {
        populate(this);
        this.startManager();
        for (const gateway of this.network.gateways) gateway.start();
        this.#heartbeat();
        this.#tick();
        await time.runUntil(this.beginMs);
        await time.finish(this.#begin());
        plantFaults(this);
        await time.finish(plantEvil(this));
        plantDecisions(this);
        plantNewcomers(this);
        plantAsking(this);
        this.#script(this);
        time.at(this.beginMs + settings.windowMs - SERVED_LOOK_MS, () => checkServed(this));
        await time.runUntil(this.endMs);
        return this.#end(settings.seed);
      } finally {
        this.manager.close();
      }
    });
  }

  get beginMs(): number {
    return START_MS + WARM_UP_MS;
  }

  /** The permit is over, and who was away has had an hour to come back. */
  get endMs(): number {
    return this.beginMs + this.settings.windowMs + HOUR_MS;
  }

  /** The update. */
  get campaign(): Campaign {
    const campaign = this.manager.campaigns.get(CAMPAIGN_ID);
    if (campaign === undefined) throw new Error("no campaign was drafted yet");
    return campaign;
  }

  /** What people order in this world, in their order. */
  get campaignIds(): readonly string[] {
    return this.settings.stops === undefined ? [CAMPAIGN_ID] : [STOP_ID, CAMPAIGN_ID];
  }

  /** Those that are drafted. */
  get campaigns(): readonly Campaign[] {
    return this.campaignIds.flatMap((id) => this.manager.campaigns.get(id) ?? []);
  }

  cutPower(ordinal: number, darkMs: number): void {
    this.log.note("is without power", ordinal);
    this.device(ordinal).cutPower(ordinal, darkMs);
  }

  /** There may be something new. */
  nudge(): void {
    for (const gateway of this.network.gateways) gateway.nudge();
  }

  startManager(): void {
    this.#acknowledged.check(this.manager);
    this.idleSinceMs = undefined;
    this.manager.guard(() => this.manager.start());
    this.#look();
    this.nudge();
  }

  async #begin(): Promise<void> {
    const { stops } = this.settings;
    if (stops !== undefined) await this.#approve(await draftStop(this, stops));
    await this.#approve(await draft(this, stops === undefined ? undefined : STOP_ID));
  }

  async #approve(campaign: Campaign): Promise<void> {
    const signed = await signAll(campaign, this.manager, this.people, this.truth);
    await this.manager.driver?.sign(campaign.id, signed);
    this.log.note("approved", campaign.id, `${campaign.targeted} devices in ${campaign.waves.length} waves`);
  }

  #end(seed: number): Outcome {
    const { manager, truth, time, log } = this;
    const { campaign } = this;
    this.#acknowledged.check(manager);
    checkLedger(manager.campaigns);
    const [stop] = this.campaigns.filter(({ id }) => id === STOP_ID);
    const stopVerdicts = stop && checkVerdicts(manager, stop, truth, time.nowMs(), this.settings.stops);
    const verdicts = checkVerdicts(manager, campaign, truth, time.nowMs());
    log.note("ends", campaign.id, campaign.state);
    this.#onTick(this);
    return {
      seed,
      devices: this.settings.devices,
      digest: log.digest(),
      lines: log.lines,
      events: time.events,
      simulatedMs: time.nowMs() - START_MS,
      campaign,
      verdicts,
      ...(stop && stopVerdicts && { stop: { campaign: stop, verdicts: stopVerdicts } }),
      truth,
    };
  }

  #makeGateways(): void {
    const { time, log } = this;
    const { gateways: parts } = this.settings;
    for (let number = 1; number <= parts; number += 1) {
      const backplane = new SimBackplane(() => this.manager.intake, this.#acknowledged, this.settings.bug);
      this.backplanes.push(backplane);
      this.network.gateways.push(
        new SimGateway({
          name: `gateway-${number}`,
          parts,
          director: this.people.director,
          backplane,
          time,
          log,
          isCareless: this.settings.bug === "forgets-permit",
          carry: (gateway, order, channel) => this.network.carry(gateway, order, channel),
          onClosed: (channel, reason) => this.network.ended(channel, reason),
        }),
      );
    }
  }

  #devicePorts(): DevicePorts {
    const { settings, chance, time, log, network, truth, frames } = this;
    const fetched = (ordinal: number, complete: boolean) => {
      const bytes = imageBytes(IMAGE.new).length;
      const record = { kind: "download", ordinal, atMs: time.nowMs(), sha256: digestOf(IMAGE.new), bytes, complete } as const;
      this.manager.guard(() => this.manager.intake?.record([record]));
    };
    const isUp = () => time.nowMs() >= this.depotDownUntilMs;
    const depot = depotOf(settings, chance, { isUp, isWithdrawn: () => this.isWithdrawn, fetched });
    return { time, chance, network, depot, fate: fateOf(settings, chance), witness: truth, log, frames };
  }

  /** Whatever it is made of. */
  device(ordinal: number): CompactDevices | FullAgents {
    return this.agents.has(ordinal) ? this.agents : this.compact;
  }

  #heartbeat(): void {
    if (this.manager.intake !== undefined) this.nudge();
    this.time.in(4 * HEARTBEAT_MS, () => this.#heartbeat());
  }

  /** The clockwork; slower when nothing has happened since its last turn. */
  #tick(): void {
    const { time, manager } = this;
    const wasBusy = time.events - this.#seenEvents > 6;
    this.#seenEvents = time.events;
    this.#tickMs = wasBusy ? TICK_LEAST_MS : Math.min(TICK_MOST_MS, this.#tickMs * 2);
    manager.tick();
    this.#look();
    time.in(this.#tickMs, () => this.#tick());
  }

  /** Without a campaign there is nothing to look at, and nothing to tell. */
  #look(): void {
    look(this);
    if (this.manager.campaigns.get(CAMPAIGN_ID) !== undefined) this.#onTick(this);
  }
}

export interface WorldOptions {
  readonly onLine?: ((line: string) => void) | undefined;
  readonly onTick?: ((world: World) => void) | undefined;
  /** Called when the campaign is signed: plants what is to happen. */
  readonly script?: ((world: World) => void) | undefined;
}
