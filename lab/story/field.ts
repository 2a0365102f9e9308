/**
 * A world that runs: the server as a process of its own, the webcams in another, and the people who sign. The story
 * is told on it, and tests break it.
 */
import { join } from "node:path";
import type { Depot } from "../../src/depot/server.ts";
import { type Context, clientFor, makeContext } from "../../src/cli/context.ts";
import { signerOf } from "../../src/cli/keys/key-ring.ts";
import { makeOutput } from "../../src/cli/output.ts";
import { signCampaign } from "../../src/cli/signing.ts";
import type { DeviceFacts } from "../../src/fleet/device.ts";
import type { ApiClient } from "../../src/server/client.ts";
import type { CampaignView } from "../../src/server/api/views.ts";
import { denyListPayload } from "../../src/trust/permit.ts";
import { sign } from "../../src/trust/sign/index.ts";
import type { WebcamSpec } from "../webcams/protocol.ts";
import { startBadCache } from "./bad-cache.ts";
import type { Misfit, MisfitKind } from "./misfits.ts";
import { type ServeProcess, startServe } from "./serve-process.ts";
import { WebcamProcess } from "./webcam-process.ts";
import { enrollWebcams, makeWorld, publishNewRelease, type World } from "./world.ts";

/** Dials a second while the fleet is switched on: what one core's handshakes allow, both ends on one machine. */
const DIALS_PER_SECOND = 300;
const POLL_MS = 200;

export interface FieldPlan {
  readonly directory: string;
  readonly fleet: readonly DeviceFacts[];
  readonly misfits: readonly Misfit[];
  readonly seed: number;
  readonly payloadBytes: number;
  readonly onEnrolled?: (done: number) => void;
}

export class Field {
  readonly world: World;
  readonly webcams = new WebcamProcess();
  readonly specs: readonly WebcamSpec[];
  readonly #context: Context;
  readonly #logFile: string;
  #serve: ServeProcess | undefined;
  #badCache: Depot | undefined;

  private constructor(world: World, specs: readonly WebcamSpec[]) {
    this.world = world;
    this.specs = specs;
    const { directory } = world.state.paths;
    this.#context = makeContext(directory, makeOutput(true));
    this.#logFile = join(directory, "serve.log");
  }

  /** Makes the world on disk; nothing runs yet but the idle process for the webcams. */
  static async make({ directory, fleet, misfits, seed, payloadBytes, onEnrolled = () => {} }: FieldPlan): Promise<Field> {
    const world = await makeWorld(directory, seed, payloadBytes);
    await publishNewRelease(world);
    return new Field(world, await enrollWebcams(world, fleet, misfits, onEnrolled));
  }

  /** `options` are those of `edict serve`. */
  async serve(...options: readonly string[]): Promise<void> {
    this.#serve = await startServe(this.world.state.paths.directory, this.#logFile, options);
    this.#badCache ??= await startBadCache(this.world);
  }

  /** kill -9: nothing gets a chance to say goodbye. */
  async killServe(): Promise<void> {
    this.#serve?.kill("SIGKILL");
    await this.#serve?.exited;
  }

  serveExited(): Promise<number> {
    return this.#serve?.exited ?? Promise.resolve(0);
  }

  importDevices(fleet: readonly DeviceFacts[]): Promise<{ added: number; updated: number }> {
    return this.client().importDevices(fleet.map((facts) => JSON.stringify(facts)).join("\n"), "jsonl");
  }

  /** Switches webcams on and waits until as many channels stand. */
  async connect(webcams: readonly WebcamSpec[], onProgress: (connected: number) => void = () => {}): Promise<void> {
    await this.webcams.ready();
    const overMs = (webcams.length / DIALS_PER_SECOND) * 1_000;
    const dialled = this.webcams.tell({ say: "power-on", webcams, overMs });
    await this.until(async () => {
      const { connected } = await this.client().status();
      onProgress(connected);
      return connected >= webcams.length;
    }, overMs + 60_000);
    await dialled;
  }

  async sign(campaign: CampaignView, person: string): Promise<CampaignView> {
    return this.client(person).sign(campaign.id, await signCampaign(campaign, await signerOf(this.#context, person)));
  }

  async deny(id: string): Promise<void> {
    const payload = denyListPayload({ version: 1, created_ms: Date.now(), devices: [id] });
    await this.client("approver").deny(await sign(payload, "deny-list", await signerOf(this.#context, "approver")));
  }

  spec(misfits: readonly Misfit[], kind: MisfitKind): WebcamSpec {
    const id = misfits.find((misfit) => misfit.kind === kind)?.id;
    const spec = this.specs.find((candidate) => candidate.id === id);
    if (spec === undefined) throw new Error(`no webcam plays the part "${kind}"`);
    return spec;
  }

  client(person = "author"): ApiClient {
    return clientFor(this.#context, person);
  }

  async until(isSo: () => Promise<boolean>, patienceMs: number): Promise<void> {
    const deadlineMs = performance.now() + patienceMs;
    while (!(await isSo())) {
      if (performance.now() > deadlineMs) throw new Error(`waited ${Math.round(patienceMs / 1_000)} s in vain; see ${this.#logFile}`);
      await Bun.sleep(POLL_MS);
    }
  }

  async end(): Promise<void> {
    await this.webcams.end();
    await this.#badCache?.stop();
    this.#serve?.kill("SIGTERM");
    await this.#serve?.exited;
  }
}
