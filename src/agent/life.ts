/** One life of a device, from a start to the next: its channel and its jobs side by side, until one of them wants a start or it is stopped. */
import { join } from "node:path";
import { encodeCheckIn, type Downward, type Link, nextWaitMs } from "../channel/wire/index.ts";
import { DepotClient, mirrorOrder } from "../depot/client/index.ts";
import { EdictError } from "../openc2/edict-error.ts";
import { encodeResponse, type UpdateState } from "../openc2/index.ts";
import type { TimeFloor } from "../trust/time-floor.ts";
import type { AgentEvent, AgentOptions } from "./agent.ts";
import type { Booted } from "./boot.ts";
import { obey } from "./commands.ts";
import type { DeviceConfig } from "./config.ts";
import { Connection } from "./connection.ts";
import type { Disk } from "./disk.ts";
import { Enroller } from "./enrolment/enroller.ts";
import type { Identity } from "./enrolment/identity.ts";
import { Housekeeper } from "./housekeeping/housekeeper.ts";
import type { FilesInstaller } from "./installers/files.ts";
import { checkInOf, versionsOf } from "./inventory.ts";
import { RECONNECT_MAX_MS, RECONNECT_MIN_MS } from "./limits.ts";
import type { Processes } from "./processes/port.ts";
import { proofOf } from "./sign-check-in.ts";
import type { HeldAnswer, Job, StateFile } from "./state.ts";
import type { TrustFile } from "./trust-file.ts";
import { runUpdate } from "./update-job.ts";
import { wait } from "./wait.ts";

interface LifePorts extends AgentOptions {
  readonly disk: Disk;
  readonly processes: Processes;
  readonly config: DeviceConfig;
  readonly identity: Identity;
  readonly states: StateFile;
  readonly trust: TrustFile;
  readonly installer: FilesInstaller;
  readonly running: Booted;
  readonly time: TimeFloor;
  readonly uptimeMs: () => number;
}

export class Life {
  readonly #ports: LifePorts;
  readonly #tell: (event: AgentEvent) => void;
  /** Aborted when this life ends. */
  readonly #end = new AbortController();
  readonly #fault = Promise.withResolvers<never>();
  readonly #housekeeper: Housekeeper;
  #connection: Link | undefined;
  #job: AbortController | undefined;
  #jobState: UpdateState = "queued";
  #update: Promise<void> = Promise.resolve();
  /** Commands are obeyed one after the other. */
  #turn: Promise<void> = Promise.resolve();
  #goodbyeMs: number | undefined;

  constructor(ports: LifePorts, stopping: AbortSignal, tell: (event: AgentEvent) => void) {
    this.#ports = ports;
    this.#tell = tell;
    this.#housekeeper = new Housekeeper({
      ...ports,
      clock: ports.time,
      onState: ({ commandId, action }, state, error) =>
        tell({ kind: "housekeeping", commandId, action, state, ...(error !== undefined && { error }) }),
      onRestart: () => this.#end.abort(new Error("restart")),
      onEnded: () => void this.#inTurn(() => this.#giveHeldAnswers()),
      onFault: (error) => this.#fault.reject(error),
    });
    const end = () => this.#end.abort(stopping.reason);
    if (stopping.aborted) end();
    else stopping.addEventListener("abort", end, { once: true, signal: this.#end.signal });
  }

  async run(): Promise<void> {
    const { job, housekeeping = [] } = this.#ports.states.current;
    if (job !== undefined) this.#start(job);
    // Those whose time came while it was off, in the order in which it came.
    for (const each of housekeeping.toSorted((a, b) => a.startAtMs - b.startAtMs)) this.#housekeeper.begin(each);
    try {
      await Promise.race([this.#holdChannel(), this.#fault.promise]);
    } finally {
      this.#end.abort(new Error("this life has ended"));
      this.#job?.abort(this.#end.signal.reason);
      this.#connection?.close("the device restarts");
      // The next life writes the same files: nothing of this one may still be at it.
      await Promise.all([this.#turn, this.#update, this.#housekeeper.end()]);
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

  /** The inventory comes first, the same whether or not there was a command; then answers that a start held up. */
  #greet(connection: Link): void {
    const { states, running, trust, identity } = this.#ports;
    this.#connection = connection;
    this.#tell({ kind: "connected" });
    connection.send(encodeCheckIn(checkInOf(states.current, trust.current, running), (text) => proofOf(text, identity.tls)));
    void this.#inTurn(() => this.#giveHeldAnswers());
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
        housekeeper: this.#housekeeper,
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
    // Accepted in this life's last moment: the next one finds it in the state.
    if (this.#end.signal.aborted) return;
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
    this.#update = runUpdate(job, ports.running, { ...ports, clock: time, depot, onState, onSwitch }, calledOff.signal).then(
      (outcome) => {
        this.#job = undefined;
        if (outcome === "reboot") this.#end.abort(new Error("reboot"));
        else void this.#inTurn(() => this.#giveHeldAnswers());
      },
      (error: unknown) => this.#fault.reject(error),
    );
  }

  #cancel(): boolean {
    if (this.#job === undefined) return false;
    this.#job.abort(new Error("cancelled"));
    return true;
  }

  async #giveHeldAnswers(): Promise<void> {
    const { states } = this.#ports;
    const { answers: held } = states.current;
    if (held === undefined || this.#connection === undefined) return;
    for (const answer of held) this.#answer(answer);
    await states.update(({ answers = [] }) => ({ answers: answers.length > held.length ? answers.slice(held.length) : undefined }));
  }

  #answer({ requestId, response }: HeldAnswer): void {
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
