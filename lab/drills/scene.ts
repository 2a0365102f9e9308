/**
 * Where a drill plays: a state directory, `edict serve` and device agents as processes of their own, and the `edict` command as people
 * type it. It keeps what was checked and whether it held.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type DeviceDocument, FILES } from "../../src/agent/config.ts";
import { freePorts } from "../story/free-ports.ts";
import { type ServeProcess, startServe } from "../story/serve-process.ts";
import type { Teller } from "../story/teller.ts";
import { DrillDevice } from "./device.ts";
import { endOf } from "./end-of.ts";

const EDICT = join(import.meta.dir, "../../src/cli/main.ts");
const SOFTWARE = ["--vendor", "famousMaker", "--model", "famousModel"];

export interface Check {
  readonly what: string;
  readonly held: boolean;
}

export class Scene {
  readonly directory: string;
  readonly state: string;
  readonly checks: Check[] = [];
  readonly devices: DrillDevice[] = [];
  readonly #teller: Teller;
  #serve: ServeProcess | undefined;

  constructor(directory: string, teller: Teller, state = "state") {
    this.directory = directory;
    this.state = join(directory, state);
    this.#teller = teller;
  }

  chapter(title: string): void {
    this.#teller.chapter(title);
  }

  say(text: string): void {
    this.#teller.line(`   ${text}`);
  }

  check(what: string, held: boolean): void {
    this.checks.push({ what, held });
    this.#teller.line(`   ${held ? "held" : "DID NOT HOLD"}: ${what}`);
  }

  file(name: string): string {
    return join(this.directory, name);
  }

  /** A person's key in its drawer: "author", "root/keeper", "owner/approver". */
  key(name: string): string {
    return join(this.state, "keys", `${name}.pem`);
  }

  /** A new key into its drawer, which must be empty. */
  async newKey(name: string): Promise<void> {
    const [use = "", person = use] = name.split("/");
    await this.edict("keys", "new", person, "--insecure-plain", ...(use === person ? [] : ["--for", use]));
  }

  /** Throws with what it printed unless it ends well. */
  async edict(...args: readonly string[]): Promise<Record<string, unknown>> {
    const { status, result, text } = await this.#run(args);
    if (status !== 0) throw new Error(`edict ${args.join(" ")} ended with ${status}: ${text}`);
    return result;
  }

  /** What it prints without --json. */
  async print(...args: readonly string[]): Promise<string> {
    const child = Bun.spawn([process.execPath, EDICT, "--state", this.state, ...args], { stdio: ["ignore", "pipe", "ignore"] });
    return new Response(child.stdout).text();
  }

  /** Whether it is refused, and with this code. */
  async isRefused(code: string, ...args: readonly string[]): Promise<boolean> {
    const { status, result } = await this.#run(args);
    return status !== 0 && (result["error"] as { code?: string } | undefined)?.code === code;
  }

  /** With ports that it keeps: devices dial the same gateway after a restart. */
  async init(): Promise<void> {
    const [gateway, depot, api] = freePorts(3).map(String);
    await this.edict(
      "init",
      "--insecure-plain-keys",
      "--gateway-port",
      gateway ?? "",
      "--depot-port",
      depot ?? "",
      "--api-port",
      api ?? "",
    );
  }

  async serve(): Promise<void> {
    this.#serve = await startServe(this.state, this.file("serve.log"));
  }

  async stopServing(signal: NodeJS.Signals = "SIGTERM"): Promise<void> {
    this.#serve?.kill(signal);
    if (this.#serve !== undefined) await endOf(this.#serve, "edict serve");
  }

  /** `change` is what is different in its device.json. */
  async enroll(name: string, change: Partial<DeviceDocument> = {}): Promise<DrillDevice> {
    writeFileSync(this.file("factory.bin"), "what the factory installed");
    const directory = this.file(name);
    const image = ["--image", this.file("factory.bin"), "--source", "updates.famousMaker.ce", "--dir", directory];
    await this.edict("enroll", `urn:dev:ops:32473-${name}`, ...SOFTWARE, "--version", "1.0.0", ...image);
    const document = join(directory, FILES.device);
    writeFileSync(document, JSON.stringify({ ...(JSON.parse(readFileSync(document, "utf8")) as DeviceDocument), ...change }));
    const device = new DrillDevice(name, directory);
    this.devices.push(device);
    return device;
  }

  /** The manufacturer publishes a release; its counter is the major version. */
  async release(version: string): Promise<void> {
    writeFileSync(this.file(`${version}.bin`), `the image of ${version}`);
    const source = ["--source", "https://updates.famousMaker.ce/image"];
    await this.edict(
      "release",
      this.file(`${version}.bin`),
      ...SOFTWARE,
      "--version",
      version,
      "--counter",
      version.split(".")[0] ?? "",
      ...source,
    );
  }

  /** Author and approver order an update, with the keys in their drawers. */
  async order(id: string, version: string): Promise<void> {
    const target = { "x-swup:software": { vendor: "famousMaker", name: "famousModel", new_version: version } };
    const command = { action: "update", target, args: { response_requested: "none" }, command_id: id };
    writeFileSync(this.file(`${id}.json`), JSON.stringify(command));
    await this.edict("send", this.file(`${id}.json`), "--canary", "1", "--soak", "0s");
    await this.edict("approve", id, "--yes");
  }

  /** Draft, signatures, publication: the ceremony in one go. */
  async publish(draft: readonly string[], keys: readonly string[]): Promise<void> {
    await this.sign(draft, keys);
    await this.edict("trust", "publish", this.file("next.json"));
  }

  async sign(draft: readonly string[], keys: readonly string[], out = "next.json"): Promise<void> {
    await this.edict("trust", "draft", ...draft, "--out", this.file(out));
    for (const key of keys) await this.edict("trust", "sign", this.file(out), "--key", key);
  }

  async end(): Promise<void> {
    await Promise.all(this.devices.map((device) => device.switchOff()));
    await this.stopServing();
  }

  async #run(args: readonly string[]): Promise<{ status: number; result: Record<string, unknown>; text: string }> {
    const child = Bun.spawn([process.execPath, EDICT, "--state", this.state, "--json", ...args], { stdio: ["ignore", "pipe", "pipe"] });
    const printed = Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
    const status = await endOf(child, `edict ${args.join(" ")}`);
    const [out, err] = await printed;
    const result = out.trim().startsWith("{") ? (JSON.parse(out) as Record<string, unknown>) : {};
    return { status, result, text: `${out}${err}` };
  }
}
