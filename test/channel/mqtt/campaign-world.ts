/** A real manager's core, a real depot, a real broker with a gateway at it, and real agents that know of nothing but the broker. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Agent, type AgentEvent, makeDeviceDirectory } from "../../../src/agent/index.ts";
import { draftCampaign } from "../../../src/campaign/draft.ts";
import { Driver } from "../../../src/campaign/driver.ts";
import { keepDraft } from "../../../src/campaign/keep-draft.ts";
import { SqliteCampaignStore } from "../../../src/campaign/sqlite/campaign-store.ts";
import { assignWaves } from "../../../src/campaign/wave-order.ts";
import { InProcessBackplane } from "../../../src/channel/backplane/in-process.ts";
import { DeviceLink, makeClientId, MqttGateway } from "../../../src/channel/mqtt/index.ts";
import type { Release } from "../../../src/depot/release.ts";
import { createRepository, generateRepositoryKeys, publishRelease } from "../../../src/depot/repository.ts";
import { type Depot, startDepot } from "../../../src/depot/server.ts";
import type { Evidence } from "../../../src/fleet/evidence.ts";
import { openDatabase } from "../../../src/fleet/sqlite/database.ts";
import { SqliteFleetStore } from "../../../src/fleet/sqlite/fleet-store.ts";
import { Intake } from "../../../src/server/intake.ts";
import { LiveView } from "../../../src/server/live-view.ts";
import { Quarantine } from "../../../src/server/quarantine.ts";
import { issueDevice, issueServer } from "../../../src/trust/sign/certificate-authority.ts";
import { DirectorHistory } from "../../../src/trust/verify/index.ts";
import { approver, author, BASE_ID, director, draftInput, signed } from "../../campaign/people.ts";
import { pinnedTrust } from "../../trust/people.ts";
import type { TestBroker } from "./broker.ts";
import { Seen } from "./world.ts";

export const CAMPAIGN = BASE_ID;
const clock = { nowMs: Date.now };
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
const GATEWAY = "gateway-1";
const TENANT = "isp";

export interface TestAgent {
  readonly id: string;
  readonly events: Seen<AgentEvent>;
  start(): void;
  stop(): Promise<void>;
}

export class CampaignWorld {
  readonly broker: TestBroker;
  readonly evidence = new Seen<Evidence>();
  readonly agents: TestAgent[] = [];
  /** Of the campaign, after each turn of the clockwork. */
  readonly #states = new Seen<string | undefined>();
  readonly #directory = mkdtempSync(join(tmpdir(), "edict-mqtt-"));
  readonly #database = openDatabase(join(this.#directory, "edict.sqlite"));
  readonly #fleet = new SqliteFleetStore(this.#database);
  readonly #keys = generateRepositoryKeys();
  readonly campaigns = new SqliteCampaignStore(this.#database);
  readonly #live = new LiveView(this.#fleet, this.campaigns, clock);
  readonly #backplane: InProcessBackplane;
  readonly driver: Driver;
  #release!: Release;
  #depot!: Depot;
  #gateway!: MqttGateway;
  #gatewayId = makeClientId();
  #ticker: ReturnType<typeof setInterval> | undefined;

  constructor(broker: TestBroker) {
    this.broker = broker;
    const intake = new Intake({
      fleet: this.#fleet,
      campaigns: this.campaigns,
      quarantine: new Quarantine(this.campaigns.ledger()),
      tenant: TENANT,
      onCommitted: (evidence, sent) => {
        this.#live.note(evidence, sent);
        for (const item of evidence) this.evidence.add(item);
        for (const { ordinals, ...batch } of sent) for (const ordinal of ordinals) this.evidence.add({ kind: "sent", ordinal, ...batch });
      },
      onStanding: () => {},
    });
    this.#backplane = new InProcessBackplane(intake);
    this.driver = new Driver({
      store: this.campaigns,
      observer: { planFacts: (campaign, all) => this.#live.planFacts(campaign, all) },
      directors: new DirectorHistory(director),
      clock,
      onOrder: () => this.#backplane.nudge(),
    });
  }

  async start(count: number): Promise<void> {
    const nowMs = Date.now();
    const server = await issueServer(this.broker.authority, { names: ["127.0.0.1"], nowMs });
    const tls = { certPem: server.certificatePem, keyPem: server.privateKeyPem, caPem: this.broker.authority.certificatePem };
    const dir = join(this.#directory, "depot");
    await createRepository(dir, { keys: this.#keys, nowMs });
    const facts = { vendor: "famousMaker", name: "famousModel", version: "2.3.4", counter: 3, hardware: ["r2"] };
    const release = { ...facts, source: "https://updates.famousmaker.ce/patch.bin" };
    const image = crypto.getRandomValues(new Uint8Array(20_000));
    this.#release = await publishRelease(dir, { keys: this.#keys, release, image, nowMs });
    const common = { hostname: "127.0.0.1", port: 0, tls, clock, log: silent };
    this.#depot = await startDepot({ ...common, dir, random: Math.random, onDownload: () => {} });
    for (let index = 0; index < count; index += 1) await this.#make(index, tls.caPem, dir);
    await this.openGateway();
    this.#backplane.start();
    this.#ticker = setInterval(() => {
      this.driver.tick();
      this.#states.add(this.campaigns.get(CAMPAIGN)?.state);
    }, 50);
  }

  async openGateway(): Promise<void> {
    const options = { ...(await this.broker.options("isp")), clientId: this.#gatewayId };
    this.#gateway = new MqttGateway({ ...options, name: GATEWAY, director, backplane: this.#backplane, clock });
    await this.#gateway.start();
  }

  closeGateway(): Promise<void> {
    return this.#gateway.stop();
  }

  /** Two people sign it and it goes its way: a canary that answers, and the rest without a word. */
  async campaign({ canaryCount = 1, ratePerSecond = 1_000 } = {}): Promise<void> {
    const nowMs = Date.now();
    const { vendor, name, version, source, size, sha256 } = this.#release;
    const software = { vendor, name, old_version: "1.2.3", new_version: version, source, size, hashes: { sha256 } };
    const ladder = { canaryCount, growth: 4, soakMs: 100, settledShare: 1, settleMaxMs: 60_000, lostAfterMs: 600_000, controlCount: 0 };
    const devices = this.agents.map(({ id }, ordinal) => ({ id, ordinal }));
    const draft = await draftCampaign(
      draftInput(this.agents.length, {
        command: {
          action: "update",
          target: { "x-swup:software": software },
          args: { response_requested: "none" },
          command_id: CAMPAIGN,
        },
        request: { tenant: TENANT, vendor, name, newVersion: version },
        waves: assignWaves(devices, CAMPAIGN, ladder),
        ladder,
        spreadMs: 0,
        ratePerSecond,
        nowMs,
        notAfterMs: nowMs + 600_000,
      }),
    );
    keepDraft(this.campaigns, draft);
    await this.driver.sign(CAMPAIGN, await signed(draft.campaign, [author, approver]));
  }

  async isDone(): Promise<void> {
    await this.#states.until((states) => states.includes("done"));
  }

  /** Device ids to which some order was marked as sent, once per order. */
  sent(commandId: string): readonly string[] {
    const rows = this.campaigns.ordersAfter(0).filter((row) => row.commandId === commandId);
    return rows.flatMap(({ seq }) => [...this.campaigns.sent(seq)].map((ordinal) => this.#fleet.byOrdinal(ordinal)?.id ?? ""));
  }

  async end(): Promise<void> {
    clearInterval(this.#ticker);
    await Promise.all(this.agents.map((agent) => agent.stop()));
    await this.#gateway.stop();
    this.#backplane.stop();
    await this.#depot.stop();
    this.#database.close();
    rmSync(this.#directory, { recursive: true, force: true });
  }

  async #make(index: number, caPem: string, depotDirectory: string): Promise<void> {
    const name = `32473-cam-${index}`;
    const id = `urn:dev:ops:${name}`;
    const directory = join(this.#directory, name);
    const nowMs = Date.now();
    const issued = await issueDevice(this.broker.authority, { id, nowMs });
    const config = {
      id,
      vendor: "famousMaker",
      name: "famousModel",
      hardware: "r2",
      gateway: "https://nowhere.invalid",
      depots: [`https://127.0.0.1:${this.#depot.port}`],
      sources: ["updates.famousmaker.ce"],
      timeFloorMs: nowMs - 1_000,
    };
    await makeDeviceDirectory(directory, {
      config,
      caPem,
      identity: { pem: `${issued.certificatePem}${issued.privateKeyPem}`, isFactory: false },
      trust: pinnedTrust(director, [author, approver]),
      tufRoot: readFileSync(join(depotDirectory, "metadata", "1.root.json")),
      image: new TextEncoder().encode("the old image"),
      software: { version: "1.2.3", counter: 2 },
    });
    const facts = { vendor: config.vendor, name: config.name, hardware: config.hardware, version: "1.2.3", region: "north" };
    this.#fleet.upsert([{ id, tenant: TENANT, ...facts, subscribed: true, optedOut: false }], { source: "import", atMs: 0 });
    this.agents.push(this.#agent(id, directory, await this.broker.options(name)));
  }

  #agent(id: string, directory: string, options: Awaited<ReturnType<TestBroker["options"]>>): TestAgent {
    const events = new Seen<AgentEvent>();
    let agent: Agent | undefined;
    let running: Promise<void> = Promise.resolve();
    return {
      id,
      events,
      start: () => {
        agent = new Agent({
          dir: directory,
          clock,
          random: () => 0,
          makeLink: (_config, linkEvents) => new DeviceLink({ ...options, deviceId: id, gateway: GATEWAY }, linkEvents),
          onEvent: (event) => events.add(event),
        });
        running = agent.run();
      },
      stop: async () => {
        agent?.stop();
        await running;
      },
    };
  }
}
