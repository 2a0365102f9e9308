/** A real gateway, a real depot and real agents in one process: only the manager is reduced to a list of orders. */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RoaringBitmap32 } from "roaring-wasm";
import { makeDeviceDirectory } from "../../src/agent/index.ts";
import { InProcessBackplane } from "../../src/channel/backplane/in-process.ts";
import type { GatewayReport, ManagerSide, Order } from "../../src/channel/backplane/port.ts";
import { type Gateway, startGateway } from "../../src/channel/gateway/index.ts";
import { BlobStore } from "../../src/depot/blob-store.ts";
import { createRepository, generateRepositoryKeys, publishDraft, publishRelease, storeRelease } from "../../src/depot/repository.ts";
import type { Release } from "../../src/depot/release.ts";
import { addRelease } from "../../src/depot/repository/changes.ts";
import { readRepository } from "../../src/depot/repository/read.ts";
import { signerOf, TOP_ROLES } from "../../src/depot/repository/role-signer.ts";
import { makeDelta } from "../../src/depot/repository/zstd/make-delta.ts";
import { type Depot, type DownloadRecord, startDepot } from "../../src/depot/server.ts";
import { type Command, encodeRequest } from "../../src/openc2/index.ts";
import type { Director, Statement } from "../../src/trust/director.ts";
import { permitPayload } from "../../src/trust/permit.ts";
import { type Authority, createAuthority, issueDevice, issueServer } from "../../src/trust/sign/certificate-authority.ts";
import type { Signer } from "../../src/trust/sign/index.ts";
import { encodeAuthority, makeAuthority, sha256Hex } from "../../src/trust/verify/index.ts";
import { type TestDevice, testDevice } from "./test-device.ts";
import { directorOf, frameOf, makeParty, mapOf, type Party } from "../trust/people.ts";

const clock = { nowMs: Date.now };
const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

class OrderList implements ManagerSide {
  readonly orders: Order[] = [];
  readonly reports: GatewayReport[] = [];
  readonly ids: string[] = [];

  admit(deviceId: string) {
    return { ok: true, ordinal: this.ids.indexOf(deviceId), tenant: "isp.example" } as const;
  }
  ordersAfter(seq: number): readonly Order[] {
    return this.orders.slice(seq);
  }
  commit(batch: readonly GatewayReport[]): void {
    this.reports.push(...batch);
  }
}

function saidOf(version: string, counter: number) {
  const source = "https://updates.famousmaker.ce/patch.bin";
  return { vendor: "famousMaker", name: "famousModel", version, counter, hardware: ["r2"], source };
}

export class AgentWorld {
  readonly directory = mkdtempSync(join(tmpdir(), "edict-agent-"));
  readonly manager = new OrderList();
  readonly image: Uint8Array;
  readonly devices: TestDevice[] = [];
  readonly downloads: DownloadRecord[] = [];
  /** What new devices run. */
  oldImage: Uint8Array = new TextEncoder().encode("the old image");
  depot!: Depot;
  party!: Party;
  people!: readonly [Signer, Signer];
  director!: Director;
  /** What a new device believes. */
  trust!: Uint8Array;
  release!: Release;
  #authority!: Authority;
  #tls!: { certPem: string; keyPem: string; caPem: string };
  #keys = generateRepositoryKeys();
  #gateway!: Gateway;
  #backplane!: InProcessBackplane;

  constructor(image: Uint8Array) {
    this.image = image;
  }

  /** The party is director, and owns the map. With `old` the release has a delta from it, made by `delta`. */
  static async make(
    name = "isp.example",
    image?: Uint8Array,
    deltas?: { readonly old: Uint8Array; readonly delta?: typeof makeDelta },
  ): Promise<AgentWorld> {
    const world = new AgentWorld(image ?? crypto.getRandomValues(new Uint8Array(50_000)));
    const nowMs = Date.now();
    world.party = await makeParty(name);
    world.people = [world.party.author, world.party.approver];
    world.director = await directorOf(world.party);
    world.trust = encodeAuthority(makeAuthority(await mapOf(world.party)));
    world.#authority = await createAuthority("devices", { nowMs });
    const server = await issueServer(world.#authority, { names: ["127.0.0.1"], nowMs });
    world.#tls = { certPem: server.certificatePem, keyPem: server.privateKeyPem, caPem: world.#authority.certificatePem };
    await createRepository(world.depotDirectory, { keys: world.#keys, nowMs });
    world.release = deltas ? await world.#publishWithDelta(deltas.old, deltas.delta) : await world.publish("2.3.4", 3, world.image);
    const common = { hostname: "127.0.0.1", port: 0, tls: world.#tls, clock, log: silent };
    const onDownload = (record: DownloadRecord) => void world.downloads.push(record);
    world.depot = await startDepot({ ...common, dir: world.depotDirectory, random: Math.random, onDownload });
    world.#backplane = new InProcessBackplane(world.manager);
    await world.#openGateway(0);
    world.#backplane.start();
    return world;
  }

  async #openGateway(port: number): Promise<void> {
    const options = { hostname: "127.0.0.1", port, tls: this.#tls, clock, log: silent, director: this.director };
    this.#gateway = await startGateway({ ...options, name: "test", backplane: this.#backplane });
  }

  /** The platform goes over to another party: its gateway starts anew, pinned to that one's director. */
  async goOverTo(party: Party): Promise<void> {
    const { port } = this.#gateway;
    await this.#gateway.stop({ delayMs: 0 });
    this.party = party;
    this.people = [party.author, party.approver];
    this.director = await directorOf(party);
    await this.#openGateway(port);
  }

  /** Brings the next version of a document of trust to the devices. */
  announce(document: Uint8Array): void {
    this.manager.orders.push({ kind: "trust", seq: this.manager.orders.length + 1, campaignId: "", statement: document });
    this.#backplane.nudge();
  }

  get depotDirectory(): string {
    return join(this.directory, "depot");
  }

  async #publishWithDelta(old: Uint8Array, delta = makeDelta): Promise<Release> {
    this.oldImage = old;
    const { sha256: from } = await this.publish("1.2.3", 2, old);
    const dir = this.depotDirectory;
    const repository = await readRepository(dir);
    const release = await storeRelease(dir, saidOf("2.3.4", 3), this.image);
    const bytes = await delta(old, this.image);
    const deltas = [{ from, to: release.sha256, ...(await new BlobStore(dir).put(bytes)) }];
    const signers = TOP_ROLES.map((role) => signerOf(this.#keys[role]));
    const nowMs = Date.now();
    await publishDraft(dir, repository, addRelease(repository, release, nowMs, deltas), { signers, nowMs });
    return release;
  }

  publish(version: string, counter: number, image: Uint8Array, more: Partial<Pick<Release, "precursors">> = {}): Promise<Release> {
    const release = { ...saidOf(version, counter), ...more };
    return publishRelease(this.depotDirectory, { keys: this.#keys, release, image, nowMs: Date.now() });
  }

  /** Makes a device that runs 1.2.3; it is switched on with `start`. */
  async device(
    change: {
      readonly name?: string;
      readonly hardware?: string;
      readonly counter?: number;
      readonly healthCommand?: string[];
      readonly restartCommand?: string[];
      readonly depots?: string[];
      readonly deltas?: boolean;
    } = {},
  ): Promise<TestDevice> {
    const { name = "famousModel", hardware = "r2", counter = 2, healthCommand, restartCommand, depots, deltas } = change;
    const id = `urn:dev:ops:32473-${name}-${this.devices.length}`;
    const directory = join(this.directory, `device-${this.devices.length}`);
    const nowMs = Date.now();
    const issued = await issueDevice(this.#authority, { id, nowMs });
    await makeDeviceDirectory(directory, {
      config: {
        id,
        vendor: "famousMaker",
        name,
        hardware,
        gateway: `https://127.0.0.1:${this.#gateway.port}`,
        depots: depots ?? [`https://127.0.0.1:${this.depot.port}`],
        sources: ["updates.famousmaker.ce"],
        timeFloorMs: nowMs - 1_000,
        ...(healthCommand && { healthCommand }),
        ...(restartCommand && { restartCommand }),
        ...(deltas !== undefined && { deltas }),
      },
      caPem: this.#tls.caPem,
      identity: { pem: `${issued.certificatePem}${issued.privateKeyPem}`, isFactory: false },
      trust: this.trust,
      tufRoot: readFileSync(join(this.depotDirectory, "metadata", "1.root.json")),
      image: this.oldImage,
      software: { version: "1.2.3", counter },
    });
    this.manager.ids.push(id);
    const device = testDevice(id, directory);
    this.devices.push(device);
    return device;
  }

  /** The update command of use case 18, with what is to be wrong with it. */
  update(commandId: string, change: { readonly software?: object; readonly args?: object; readonly notAfterMs?: number } = {}): Command {
    const { vendor, name, version, source, size, sha256 } = this.release;
    return {
      action: "update",
      target: {
        "x-swup:software": {
          vendor,
          name,
          old_version: "1.2.3",
          new_version: version,
          source,
          size,
          hashes: { sha256 },
          ...change.software,
        },
      },
      args: { response_requested: "none", ...change.args, "x-swup": { not_after: change.notAfterMs ?? Date.now() + 600_000 } },
      command_id: commandId,
    };
  }

  /** One person calls a command off. */
  stop(cancelled: string): Promise<void> {
    const args = { response_requested: "none", "x-swup": { not_after: Date.now() + 600_000 } } as const;
    return this.order(
      { action: "cancel", target: { command: cancelled }, args, command_id: `${cancelled}-x` },
      [this.people[0]],
      "stopping-command",
    );
  }

  /** The same, under the permit of the campaign that it calls off. */
  async callOff(cancelled: string, by: Signer): Promise<void> {
    const begun = this.manager.orders.find((order) => order.kind === "send" && order.commandId === cancelled);
    if (begun?.kind !== "send") throw new Error(`nobody ordered ${cancelled}`);
    const args = { response_requested: "none", "x-swup": { not_after: Date.now() + 600_000 } } as const;
    const cancel: Command = { action: "cancel", target: { command: cancelled }, args, command_id: `${cancelled}-x` };
    const frame = await frameOf(encodeRequest({ created: Date.now(), from: "manager" }, cancel), "stopping-command", [by]);
    this.manager.orders.push({ ...begun, seq: this.manager.orders.length + 1, commandId: `${cancelled}-x`, frame });
    this.#backplane.nudge();
  }

  /** Signs a command (by both, if not said otherwise) and orders it to all devices made so far, under a permit that allows it. */
  order(command: Command, signers: readonly Signer[] = this.people, statement: Statement = "command"): Promise<void> {
    const answers = command.args?.response_requested !== "none";
    const headers = { created: Date.now(), from: "manager", ...(answers && { request_id: command.command_id ?? "" }) };
    return this.orderMessage(encodeRequest(headers, command), { command, signers, statement });
  }

  /** The same, of these very bytes. */
  async orderMessage(
    message: Uint8Array,
    order: { readonly command: Command; readonly signers?: readonly Signer[]; readonly statement?: Statement },
  ): Promise<void> {
    const { command, signers = this.people, statement = "command" } = order;
    const answers = command.args?.response_requested !== "none";
    const cohort = RoaringBitmap32.from(this.devices.map((_, ordinal) => ordinal)).serialize("portable");
    const permit = permitPayload({
      campaign_id: command.command_id ?? "",
      tenant: "isp.example",
      commands: [await sha256Hex(message)],
      cohort_sha256: await sha256Hex(cohort),
      count_max: this.devices.length,
      rate_max_per_second: 10_000,
      not_before: 0,
      not_after: Date.now() + 600_000,
      halt: { failed_share_max: 1, missing_share_max: 1 },
    });
    this.manager.orders.push({
      kind: "send",
      seq: this.manager.orders.length + 1,
      campaignId: command.command_id ?? "",
      commandId: command.command_id ?? "",
      frame: await frameOf(message, statement, signers),
      permit: await frameOf(permit, "permit", this.people),
      cohort,
      targets: cohort,
      sent: new RoaringBitmap32().serialize("portable"),
      answers,
      repeats: true,
      notAfterMs: Date.now() + 600_000,
      ratePerSecond: 10_000,
    });
    this.#backplane.nudge();
  }

  async end(): Promise<void> {
    await Promise.all(this.devices.map((device) => device.stop()));
    await this.#gateway.stop({ delayMs: 0 });
    this.#backplane.stop();
    await this.depot.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }
}
