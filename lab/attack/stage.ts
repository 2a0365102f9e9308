/**
 * Where the attacks are made: a platform of real processes with a device of its own for those attacks that need one, a gateway and a depot
 * that an attacker has taken over, and every key that could be stolen. It is set up once; each attack leaves it as it found it.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { AgentEvent } from "../../src/agent/index.ts";
import { clientFor, makeContext } from "../../src/cli/context.ts";
import { makeOutput } from "../../src/cli/output.ts";
import { readRelease } from "../../src/depot/read-release.ts";
import type { Release } from "../../src/depot/release.ts";
import type { ApiClient } from "../../src/server/client.ts";
import { readState } from "../../src/server/state-directory.ts";
import { openKeyFile, readKeyFile, type Signer } from "../../src/trust/sign/index.ts";
import type { DrillDevice } from "../drills/device.ts";
import type { Scene } from "../drills/scene.ts";
import type { Blow } from "./attack.ts";
import { frameOf } from "./forgery.ts";
import { HostileDepot } from "./hostile-depot.ts";
import { HostileGateway } from "./hostile-gateway.ts";

/** What it takes a device to refuse, with a machine that is busy. */
const PATIENCE_MS = 60_000;
const POLL_MS = 100;

export class Stage {
  readonly scene: Scene;
  readonly gateway: HostileGateway;
  readonly depot: HostileDepot;
  readonly author: Signer;
  readonly approver: Signer;

  private constructor(scene: Scene, people: readonly [Signer, Signer]) {
    const { paths, tls } = readState(scene.state);
    this.scene = scene;
    this.gateway = new HostileGateway(tls);
    this.depot = new HostileDepot(paths.depot, tls);
    [this.author, this.approver] = people;
  }

  /** A platform that serves, with the releases 2.0.0 and 3.0.0. */
  static async set(scene: Scene): Promise<Stage> {
    await scene.init();
    await scene.serve();
    await scene.release("2.0.0");
    await scene.release("3.0.0");
    const keyOf = async (person: string) => openKeyFile(await readKeyFile(readFileSync(scene.key(person), "utf8")));
    return new Stage(scene, [await keyOf("author"), await keyOf("approver")]);
  }

  async release(version: string): Promise<Release> {
    const software = { vendor: "famousMaker", name: "famousModel", version };
    const release = await readRelease(join(this.scene.state, "depot"), software, { nowMs: Date.now });
    if (release === undefined) throw new Error(`${version} is not published`);
    return release;
  }

  /** The management API, for whoever has this person's token. */
  api(person: string): ApiClient {
    return clientFor(makeContext(this.scene.state, makeOutput(true)), person);
  }

  /** A device whose gateway is the attacker's; on. Honest campaigns are not to wait for it. */
  async captured(name: string, change: Parameters<Scene["enroll"]>[1] = {}): Promise<DrillDevice> {
    const device = await this.switchedOn(name, { gateway: this.gateway.url, ...change });
    await this.enter(name, true);
    return device;
  }

  async switchedOn(name: string, change: Parameters<Scene["enroll"]>[1] = {}): Promise<DrillDevice> {
    const device = await this.scene.enroll(name, change);
    device.switchOn();
    if (!(await device.says(({ kind }) => kind === "connected", PATIENCE_MS))) throw new Error(`${name} does not connect`);
    return device;
  }

  /** The attacker's gateway brings it, and the device says this code. */
  async refusal(device: DrillDevice, what: string, frame: Uint8Array, code: string): Promise<Blow> {
    device.forget();
    this.gateway.bring(frame);
    const held = await device.says((event) => reasonOf(event) === code, PATIENCE_MS);
    const { active, job, trial } = device.state();
    return { what, stoppedBy: `${code}, by the device`, held: held && active === "a" && job === undefined && trial === undefined };
  }

  /** Off, and out of every later cohort: its owner has opted out. */
  async retire(device: DrillDevice): Promise<void> {
    await device.switchOff();
    await this.enter(device.name, true);
  }

  /** Resolves when a captured device has answered: what was brought before that has had its effect. */
  async answered(id: string): Promise<void> {
    const query = { action: "query", target: { features: [] }, args: { response_requested: "complete" }, command_id: id } as const;
    this.gateway.bring(await frameOf(query, [this.author, this.approver], "command", id));
    if (!(await this.until(async () => this.gateway.heard.some((text) => text.includes(`"${id}"`)))))
      throw new Error(`${id} is not answered`);
  }

  async until(isSo: () => Promise<boolean>): Promise<boolean> {
    for (const endMs = performance.now() + PATIENCE_MS; performance.now() < endMs; await Bun.sleep(POLL_MS)) if (await isSo()) return true;
    return false;
  }

  /** Into the manager's books, whether or not there is such a device. */
  enter(name: string, optedOut = false): Promise<unknown> {
    const { tenant } = readState(this.scene.state).config;
    const software = { vendor: "famousMaker", name: "famousModel", version: "1.0.0", hardware: "r1", region: "here" };
    const facts = { id: deviceId(name), tenant, ...software, subscribed: true, optedOut };
    return this.api("author").importDevices(JSON.stringify(facts), "jsonl");
  }

  async end(): Promise<void> {
    await Promise.all([this.gateway.stop(), this.depot.stop(), this.scene.end()]);
  }
}

export function deviceId(name: string): string {
  return `urn:dev:ops:32473-${name}`;
}

/** Why the device did not do it. */
export function reasonOf(event: AgentEvent): string | undefined {
  if (event.kind === "refused") return event.reason;
  return event.kind === "update" ? event.error : undefined;
}

export const runs =
  (version: string) =>
  (event: AgentEvent): boolean =>
    event.kind === "booted" && event.version === version;
