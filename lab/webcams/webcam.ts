/** One webcam: the real agent, and a hand on its power switch. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Agent, type AgentEvent, type DeviceDocument, makeDeviceDirectory } from "../../src/agent/index.ts";
import { PowerCut, PowerCutDisk } from "./power-cut-disk.ts";
import type { WebcamSpec } from "./protocol.ts";

/** How long the power stays off after it was cut. */
const DARK_MS = 1_500;

export class Webcam {
  readonly #spec: WebcamSpec;
  readonly #tell: (what: string) => void;
  #agent: Agent | undefined;
  #running: Promise<void> = Promise.resolve();
  #hasBeenCut = false;

  constructor(spec: WebcamSpec, tell: (what: string) => void) {
    this.#spec = spec;
    this.#tell = tell;
  }

  switchOn(): void {
    const disk = this.#spec.misfit === "power-cut" && !this.#hasBeenCut ? new PowerCutDisk() : undefined;
    const agent = new Agent({
      dir: this.#spec.directory,
      clock: { nowMs: Date.now },
      random: Math.random,
      onEvent: (event) => this.#see(event),
      ...(disk && { disk }),
    });
    this.#agent = agent;
    this.#running = agent.run().catch((error: unknown) => this.#broke(error));
  }

  async switchOff(): Promise<void> {
    this.#agent?.stop();
    this.#agent = undefined;
    await this.#running;
  }

  /** Its owner puts the new firmware on it with a cable, as the factory would. */
  async updateByHand(image: string, version: string, counter: number): Promise<void> {
    await this.switchOff();
    const read = (name: string) => readFileSync(join(this.#spec.directory, name), "utf8");
    await makeDeviceDirectory(this.#spec.directory, {
      config: JSON.parse(read("device.json")) as DeviceDocument,
      caPem: read("ca.pem"),
      identity: { pem: read("device.pem"), isFactory: false },
      trust: readFileSync(join(this.#spec.directory, "trust.json")),
      tufRoot: readFileSync(join(this.#spec.directory, "root.json")),
      image: readFileSync(image),
      software: { version, counter },
    });
    this.#tell("updated by hand");
    this.switchOn();
  }

  #see(event: AgentEvent): void {
    if (event.kind !== "update" || event.state !== "rebooting") return;
    this.#tell("installed");
    if (this.#spec.misfit !== "gone") return;
    this.#tell("gone for good");
    this.#agent?.stop();
  }

  #broke(error: unknown): void {
    if (!(error instanceof PowerCut)) {
      this.#tell(`broke: ${error instanceof Error ? error.message : String(error)}`);
      return;
    }
    this.#hasBeenCut = true;
    this.#tell("power cut");
    setTimeout(() => this.switchOn(), DARK_MS);
  }
}
