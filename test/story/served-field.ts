/**
 * A served world for tests that break it: a manager, webcams that are all alike and enrolled, with the gateway in the manager or in
 * worker processes. What is broken, and what has to hold then, is the test's affair.
 */
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Field } from "../../lab/story/field.ts";
import { type GatewayProcess, startGatewayWorkers } from "../../lab/story/serve-process.ts";
import { makeAlike, MODEL, OLD_VERSION, VENDOR } from "../../lab/story/webcams.ts";
import type { DeviceState } from "../../src/agent/state.ts";
import type { DraftRequest } from "../../src/server/api/schemas.ts";

export class ServedField {
  readonly field: Field;
  readonly #directory: string;
  #gateway: GatewayProcess | undefined;

  private constructor(field: Field, directory: string) {
    this.field = field;
    this.#directory = directory;
  }

  /** Serves and knows its devices; nobody is connected yet. `options` are those of `edict serve`. */
  static async make(devices: number, ...options: readonly string[]): Promise<ServedField> {
    const directory = mkdtempSync(join(tmpdir(), "edict-served-"));
    const fleet = makeAlike(devices);
    const field = await Field.make({ directory, fleet, misfits: [], seed: 7, payloadBytes: 64 * 1024 });
    const served = new ServedField(field, directory);
    try {
      await field.serve(...options);
      await field.importDevices(fleet);
    } catch (error) {
      await served.end();
      throw error;
    }
    return served;
  }

  async startWorkers(workers: number): Promise<GatewayProcess> {
    this.#gateway = await startGatewayWorkers(this.field.world.state.paths.directory, workers, join(this.#directory, "gateway.log"));
    return this.#gateway;
  }

  /** An update of all, with `none`, signed by both people. */
  async order(commandId: string, choices: Partial<DraftRequest>): Promise<void> {
    const software = { vendor: VENDOR, name: MODEL, old_version: OLD_VERSION, new_version: "2.3.4" };
    const command = {
      action: "update" as const,
      target: { "x-swup:software": software },
      command_id: commandId,
      args: { response_requested: "none" as const },
    };
    const { campaign } = await this.field.client().draft({ command, expiresInMs: 600_000, ...choices });
    if (campaign === undefined) throw new Error("no draft was kept");
    await this.field.sign(campaign, "author");
    await this.field.sign(await this.field.client().campaign(commandId), "approver");
  }

  /** How often each webcam was started. */
  boots(): readonly number[] {
    const files = this.field.specs.map(({ directory }) => join(directory, "state.json"));
    return files.map((file) => (JSON.parse(readFileSync(file, "utf8")) as DeviceState).boot);
  }

  async end(): Promise<void> {
    await this.field.end();
    await this.#gateway?.end();
    rmSync(this.#directory, { recursive: true, force: true });
  }
}
