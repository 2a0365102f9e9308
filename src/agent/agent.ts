/**
 * The device: boots, holds its channel, obeys commands, updates itself, and boots again. A reboot here drops everything that
 * is in memory and starts from disk; a real device gives its own `reboot`.
 */
import { join } from "node:path";
import { encodeCheckIn, type Downward, type Link, type LinkEvents, nextWaitMs, type TrustVersions } from "../channel/wire/index.ts";
import { DepotClient, mirrorOrder } from "../depot/client/index.ts";
import { EdictError } from "../openc2/edict-error.ts";
import { encodeResponse, type UpdateState } from "../openc2/index.ts";
import type { Clock } from "../trust/clock.ts";
import { TimeFloor } from "../trust/time-floor.ts";
import { boot, type Booted } from "./boot.ts";
import { type Answer, obey } from "./commands.ts";
import { type DeviceConfig, FILES, readDeviceConfig } from "./config.ts";
import { Connection } from "./connection.ts";
import { Disk } from "./disk.ts";
import { Enroller, type EnrolmentEvent } from "./enrolment/enroller.ts";
import { Identity } from "./enrolment/identity.ts";
import { FilesInstaller } from "./installers/files.ts";
import { checkInOf, versionsOf } from "./inventory.ts";
import { RECONNECT_MAX_MS, RECONNECT_MIN_MS } from "./limits.ts";
import { proofOf } from "./sign-check-in.ts";
import { type Job, StateFile } from "./state.ts";
import { TrustFile } from "./trust-file.ts";
import { runUpdate, type UpdatePorts } from "./update-job.ts";
import { wait } from "./wait.ts";

export type AgentEvent =
  | { readonly kind: "booted"; readonly version: string; readonly slot: string; readonly boot: number }
  | EnrolmentEvent
  | { readonly kind: "connected" }
  | { readonly kind: "disconnected"; readonly reason: string }
  | { readonly kind: "refused"; readonly reason: string }
  /** It believes another version than before. */
  | ({ readonly kind: "trust" } & TrustVersions)
  | { readonly kind: "update"; readonly commandId: string; readonly state: UpdateState; readonly error?: string };

export interface AgentOptions {
  readonly dir: string;
  readonly clock: Clock;
  readonly random: () => number;
  readonly disk?: Disk;
  /** Its way to the gateway; default: a channel of its own. */
  readonly makeLink?: (config: DeviceConfig, events: LinkEvents) => Link;
  /** Where it looks releases up and fetches bytes; default: the depots of its configuration. */
  readonly makeDepot?: () => UpdatePorts["depot"];
  /** For people and tests; nothing of it goes up the channel. */
  readonly onEvent?: (event: AgentEvent) => void;
}

export class Agent {
  readonly #options: AgentOptions;
  readonly #disk: Disk;
  readonly #stopping = new AbortController();

  constructor(options: AgentOptions) {
    this.#options = options;
    this.#disk = options.disk ?? new Disk();
  }

  /** Runs until it is stopped; boots as often as updates ask for. Rejects when the device cannot work at all (its disk, its files). */
  async run(): Promise<void> {
    while (!this.#stopping.signal.aborted) await this.#live();
  }

  /** Ends the channel and leaves the disk as it is. */
  stop(): void {
    this.#stopping.abort(new Error("the device is switched off"));
  }

  /** One life: from a start to the next. */
  async #live(): Promise<void> {
    const { dir, clock } = this.#options;
    const config = await readDeviceConfig(dir, this.#disk);
    const states = new StateFile(this.#disk, join(dir, FILES.state));
    const trust = new TrustFile(this.#disk, join(dir, FILES.trust));
    await trust.load();
    const installer = new FilesInstaller(dir, this.#disk);
    const running = await boot(config, installer, states);
    this.#tell({ kind: "booted", version: running.manifest.version, slot: running.slot, boot: states.current.boot });
    const time = new TimeFloor(clock, Math.max(states.current.timeFloorMs, config.timeFloorMs));
    const identity = new Identity(config, this.#disk);
    const disk = this.#disk;
    await new Life({ ...this.#options, disk, config, identity, states, trust, installer, running, time }, this.#stopping.signal, (event) =>
      this.#tell(event),
    ).run();
  }

  #tell(event: AgentEvent): void {
    this.#options.onEvent?.(event);
  }
}

interface LifePorts extends AgentOptions {
  readonly disk: Disk;
  readonly config: DeviceConfig;
  readonly identity: Identity;
  readonly states: StateFile;
  readonly trust: TrustFile;
  readonly installer: FilesInstaller;
  readonly running: Booted;
  readonly time: TimeFloor;
}

/** Channel and job side by side, until one of them wants a reboot or the device is stopped. */
class Life {
  readonly #ports: LifePorts;
  readonly #tell: (event: AgentEvent) => void;
  /** Aborted when this life ends. */
  readonly #end = new AbortController();
  readonly #fault = Promise.withResolvers<never>();
  #connection: Link | undefined;
  #job: AbortController | undefined;
  #jobState: UpdateState = "queued";
  /** Commands are obeyed one after the other. */
  #turn: Promise<void> = Promise.resolve();
  #goodbyeMs: number | undefined;

  constructor(ports: LifePorts, stopping: AbortSignal, tell: (event: AgentEvent) => void) {
    this.#ports = ports;
    this.#tell = tell;
    const end = () => this.#end.abort(stopping.reason);
    if (stopping.aborted) end();
    else stopping.addEventListener("abort", end, { once: true, signal: this.#end.signal });
  }

  async run(): Promise<void> {
    const { job } = this.#ports.states.current;
    if (job !== undefined) this.#start(job);
    try {
      await Promise.race([this.#holdChannel(), this.#fault.promise]);
    } finally {
      this.#end.abort(new Error("this life has ended"));
      this.#job?.abort(this.#end.signal.reason);
      this.#connection?.close("the device restarts");
    }
  }

  async #holdChannel(): Promise<void> {
    const { config, identity, random, makeLink = (...given) => new Connection(...given) } = this.#ports;
    const { signal } = this.#end;
    await this.#keepCertificate();
    let waitMs = RECONNECT_MIN_MS;
    while (!signal.aborted) {
      const connection = makeLink(
        { ...config, tls: identity.tls },
        { onOpen: (opened) => this.#greet(opened), onMessage: (message) => this.#hear(message) },
      );
      const close = () => connection.close("the device stops");
      signal.addEventListener("abort", close, { once: true });
      this.#goodbyeMs = undefined;
      const reason = await connection.run();
      signal.removeEventListener("abort", close);
      if (this.#connection !== undefined) waitMs = RECONNECT_MIN_MS;
      this.#connection = undefined;
      this.#tell({ kind: "disconnected", reason });
      // A gateway that said goodbye says when to come back; all of its devices must not come back at once.
      waitMs =
        this.#goodbyeMs === undefined ? nextWaitMs(waitMs, RECONNECT_MIN_MS, RECONNECT_MAX_MS, random) : this.#goodbyeMs * (0.5 + random());
      await wait(waitMs, signal).catch(() => undefined);
    }
  }

  /** Resolves when there is one to connect with; from then on it is renewed in time. */
  async #keepCertificate(): Promise<void> {
    const { config, identity, time, random } = this.#ports;
    const { signal } = this.#end;
    const enroller = new Enroller({ identity, server: config.enrolment, clock: time, random, onEvent: this.#tell });
    const unlessEnded = (error: unknown) => {
      if (!signal.aborted) throw error;
    };
    await enroller.obtain(signal).catch(unlessEnded);
    enroller
      .renew(signal)
      .catch(unlessEnded)
      .catch((error: unknown) => this.#fault.reject(error));
  }

  /** The inventory comes first, the same whether or not there was a command; then an answer that a reboot held up. */
  #greet(connection: Link): void {
    const { states, running, trust, identity } = this.#ports;
    this.#connection = connection;
    this.#tell({ kind: "connected" });
    connection.send(encodeCheckIn(checkInOf(states.current, trust.current, running), (text) => proofOf(text, identity.tls)));
    void this.#inTurn(() => this.#giveHeldAnswer());
  }

  async #hear(message: Downward): Promise<void> {
    if (message.kind === "goodbye") {
      this.#goodbyeMs = message.delayMs;
      return;
    }
    if (message.kind === "trust") {
      await this.#inTurn(() => this.#follow(message.document));
      return;
    }
    await this.#inTurn(async () => {
      const answer = await obey(message.frame, {
        ...this.#ports,
        onJob: (job) => this.#start(job),
        jobState: () => this.#jobState,
        onCancel: () => this.#cancel(),
        onRefused: (reason) => this.#tell({ kind: "refused", reason }),
      });
      if (answer !== undefined) this.#answer(answer);
    });
  }

  /** In turn with the commands: what comes after a document is judged by it. */
  async #follow(document: Uint8Array): Promise<void> {
    const { trust } = this.#ports;
    try {
      await trust.follow(document);
      this.#tell({ kind: "trust", ...versionsOf(trust.current) });
    } catch (error) {
      if (!(error instanceof EdictError)) throw error;
      this.#tell({ kind: "refused", reason: error.code });
    }
  }

  #start(job: Job): void {
    const { clock: _clock, ...ports } = this.#ports;
    const { config, identity, time, random, disk } = ports;
    const makeDepot = () =>
      new DepotClient({
        depots: mirrorOrder(config.depots, config.id),
        tls: identity.tls,
        tufDir: join(config.directory, "tuf"),
        disk,
        trustedRoot: config.tufRoot,
        clock: time,
        random,
      });
    const depot = (ports.makeDepot ?? makeDepot)();
    const calledOff = new AbortController();
    this.#job = calledOff;
    const onState = (commandId: string, state: UpdateState, error?: string) => {
      this.#jobState = state;
      this.#tell({ kind: "update", commandId, state, ...(error !== undefined && { error }) });
    };
    const onSwitch = () => {
      this.#job = undefined;
    };
    runUpdate(job, ports.running, { ...ports, clock: time, depot, onState, onSwitch }, calledOff.signal).then(
      (outcome) => {
        this.#job = undefined;
        if (outcome === "reboot") this.#end.abort(new Error("reboot"));
        else void this.#inTurn(() => this.#giveHeldAnswer());
      },
      (error: unknown) => this.#fault.reject(error),
    );
  }

  #cancel(): boolean {
    if (this.#job === undefined) return false;
    this.#job.abort(new Error("cancelled"));
    return true;
  }

  async #giveHeldAnswer(): Promise<void> {
    const { states } = this.#ports;
    const { answer } = states.current;
    if (answer === undefined || this.#connection === undefined) return;
    this.#answer(answer);
    await states.update({ answer: undefined });
  }

  #answer({ requestId, response }: Answer): void {
    const { config, time } = this.#ports;
    this.#connection?.send(encodeResponse({ request_id: requestId, created: time.nowMs(), from: config.id }, response));
  }

  #inTurn(work: () => Promise<void>): Promise<void> {
    this.#turn = this.#turn
      .then(() => (this.#end.signal.aborted ? undefined : work()))
      .catch((error: unknown) => this.#fault.reject(error));
    return this.#turn;
  }
}
