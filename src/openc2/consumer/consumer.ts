/**
 * The OpenC2 consumer: what comes in from any transfer is read, checked, kept, done and answered here. Every command meets the same
 * checks, whatever response it asks for; what is accepted is on disk first. How each case is answered is ADR 7. Pure: time is a
 * clock, and whoever owns a timer calls `tick` at `nextDueMs`.
 */
import { EdictError } from "../edict-error.ts";
import { RATE_LIMIT_PER_MINUTE } from "../limits.ts";
import type { Command, Response, ResponseType, Status, Validated } from "../model.ts";
import { accept, type AcceptancePorts } from "./acceptance.ts";
import { ConsumerError, type ConsumerErrorCode } from "./errors.ts";
import type { Observer } from "./events.ts";
import { Features } from "./features.ts";
import { HANDLER_MAX_MS, QUEUE_MAX, RUNNING_MAX, WAITING_MAX } from "./limits.ts";
import type { Answer, ConsumerPort, Delivery } from "./port.ts";
import { CommandQueue, isCancel } from "./queue.ts";
import { RateLimit } from "./rate-limit.ts";
import { type HandlerEntry, Registry, targetName } from "./registry.ts";
import { readRequest, type ReplyTo, statusText, writeResponse } from "./request.ts";
import { failed, Runner, unsupported } from "./runner.ts";
import type { CommandStore } from "./store.ts";
import { timesOf } from "./times.ts";

/** 401: the peer is not known; 403: it is, and may not do this. */
export type Authorise = (peer: string, command: Validated<Command>) => 200 | 401 | 403;

export interface ConsumerOptions {
  /** Its names in `to` and `from`, the first its own; a command to others alone is not for it. */
  readonly names: readonly [string, ...string[]];
  readonly handlers: readonly HandlerEntry[];
  readonly store: CommandStore;
  readonly clock: { nowMs(): number };
  readonly authorise: Authorise;
  /** Whose commands a peer may cancel; default: its own alone. */
  readonly mayCancel?: (peer: string, owner: string) => boolean;
  /**
   * What a command with response_requested none hears of an error. "silent" (default): nothing (SLPF 1.0 §3.2.1.7.1). "answered":
   * the error, as later drafts have it (oc2ls PR #402); the answer then comes when the command has ended.
   */
  readonly errorsUnderNone?: "silent" | "answered";
  /** Messages a minute from one peer; advertised as rate_limit. */
  readonly ratePerMinute?: number;
  readonly queueMax?: number;
  readonly runningMax?: number;
  /** ms that a handler may take. */
  readonly handlerMaxMs?: number;
  readonly observe?: Observer;
  /** Called whenever `nextDueMs` may have changed. */
  readonly onChange?: () => void;
}

export interface Consumer extends ConsumerPort {
  /** Begins what is due by then, ends what took too long. */
  tick(nowMs: number): void;
  /** When `tick` is needed next, ms since the epoch; undefined: not before something happens. */
  nextDueMs(): number | undefined;
}

/** Never answered, because an answer to them could be answered in turn, or is not ours to give. */
const UNANSWERABLE: ReadonlySet<string> = new Set<ConsumerErrorCode>(["ERR_CONSUMER_NOT_A_REQUEST", "ERR_CONSUMER_NOT_ADDRESSED"]);

export function makeConsumer(options: ConsumerOptions): Consumer {
  return new OpenC2Consumer(options);
}

class OpenC2Consumer implements Consumer {
  readonly #options: ConsumerOptions;
  readonly #registry: Registry;
  readonly #features: Features;
  readonly #runner: Runner;
  readonly #queue: CommandQueue;
  readonly #acceptance: AcceptancePorts;
  readonly #rate: RateLimit;
  readonly #ratePerMinute: number;
  readonly #tell: Observer;
  /** Deliveries whose answer is awaited. */
  #waiting = 0;

  constructor(options: ConsumerOptions) {
    const { handlers, store, clock, handlerMaxMs = HANDLER_MAX_MS, runningMax = RUNNING_MAX, observe } = options;
    this.#options = options;
    this.#tell = (event) => {
      try {
        observe?.(event);
      } catch {
        // A log that fails is no reason to fail a command, and there is nobody else to tell.
      }
    };
    this.#ratePerMinute = options.ratePerMinute ?? RATE_LIMIT_PER_MINUTE;
    this.#rate = new RateLimit(this.#ratePerMinute);
    this.#registry = new Registry(handlers);
    this.#features = new Features(this.#registry, this.#ratePerMinute);
    this.#runner = new Runner(this.#registry, handlerMaxMs, (cause) => this.#tell({ kind: "fault", cause }));
    this.#queue = new CommandQueue({
      store,
      registry: this.#registry,
      runner: this.#runner,
      runningMax,
      nowMs: () => clock.nowMs(),
      mayCancel: options.mayCancel ?? ((peer, owner) => peer === owner),
      tell: this.#tell,
      onChange: () => options.onChange?.(),
    });
    this.#acceptance = { store, queue: this.#queue, queueMax: options.queueMax ?? QUEUE_MAX, tell: this.#tell };
  }

  async receive(delivery: Delivery): Promise<Answer> {
    const nowMs = this.#options.clock.nowMs();
    const isWithinRate = this.#rate.take(delivery.peer, nowMs);
    const reading = readRequest(delivery, this.#registry.profiles);
    const { replyTo } = reading;
    try {
      if ("error" in reading) throw reading.error;
      if (reading.to?.some((name) => this.#options.names.includes(name)) === false)
        throw new ConsumerError("ERR_CONSUMER_NOT_ADDRESSED", "it is addressed to others");
      if (!isWithinRate) throw new ConsumerError("ERR_CONSUMER_RATE", `more than ${this.#ratePerMinute} messages a minute`);
      const response = await this.#obey(reading.command, delivery, replyTo, nowMs);
      return response === undefined ? silence(200, replyTo) : this.#message(response, replyTo);
    } catch (error) {
      return this.#refuse(error, delivery.peer, replyTo);
    }
  }

  tick(nowMs: number): void {
    this.#runner.tick(nowMs);
    this.#queue.tick(nowMs);
  }

  nextDueMs(): number | undefined {
    const times = [this.#queue.nextDueMs(), this.#runner.nextDeadlineMs()].filter((time) => time !== undefined);
    return times.length === 0 ? undefined : Math.min(...times);
  }

  /** The response that is to be given, if any. Throws EdictError for what is refused. */
  async #obey(command: Validated<Command>, { peer, onAccepted }: Delivery, replyTo: ReplyTo, nowMs: number): Promise<Response | undefined> {
    // Before anything is looked up: a stranger learns nothing of what is supported here.
    this.#checkAuthority(command, peer);
    const { action, target, args, command_id } = command;
    if (action === "query" && "features" in target) return this.#features.answer(command);
    if (!isCancel(command) && this.#registry.select(command).length === 0) throw unsupported(command);
    this.#registry.check(command);
    const { requestId, requested = "complete" } = replyTo;
    // An empty command_id is valid (§3.3.1) and tells nothing.
    const id = command_id || requestId;
    const sender = { peer, receivedMs: nowMs, ...(id !== undefined && { id }), ...(requestId !== undefined && { requestId }) };
    // A query changes nothing: it is lost with its connection. Kept is what is answered before it has been done, or long after.
    if (action === "query" && requested === "complete" && args?.start_time === undefined) {
      const context = { ...sender, ...timesOf(command, nowMs), attempt: 1 };
      onAccepted?.();
      return this.#wait(() => this.#runner.run(command, context, nowMs));
    }
    const seq = await accept(command, sender, this.#acceptance);
    onAccepted?.();
    return this.#answerTo(seq, requested);
  }

  #checkAuthority(command: Validated<Command>, peer: string): void {
    const verdict = this.#options.authorise(peer, command);
    if (verdict === 401) throw new ConsumerError("ERR_CONSUMER_UNAUTHENTICATED", "this peer is not known here");
    if (verdict !== 200) throw new ConsumerError("ERR_CONSUMER_FORBIDDEN", `this peer may not ${command.action} ${targetName(command)}`);
  }

  /** LS 1.0 §3.3.1.4. */
  async #answerTo(seq: number, requested: ResponseType): Promise<Response | undefined> {
    if (requested === "ack") return { status: 102 };
    if (requested === "status") return this.#queue.status(seq);
    if (requested === "complete") return this.#wait(() => this.#queue.outcome(seq));
    if (this.#options.errorsUnderNone !== "answered") return undefined;
    const response = await this.#wait(() => this.#queue.outcome(seq));
    return response.status === 200 ? undefined : response;
  }

  async #wait(work: () => Promise<Response>): Promise<Response> {
    if (this.#waiting >= WAITING_MAX) throw new ConsumerError("ERR_CONSUMER_FULL", "too many wait for an answer here");
    this.#waiting += 1;
    try {
      return await work();
    } finally {
      this.#waiting -= 1;
    }
  }

  #refuse(error: unknown, peer: string, replyTo: ReplyTo): Answer {
    if (!(error instanceof EdictError)) {
      this.#tell({ kind: "fault", cause: error });
      return this.#refuse(new ConsumerError("ERR_CONSUMER_FAULT", "this consumer failed"), peer, replyTo);
    }
    const { status } = error.facts;
    const { requestId, requested } = replyTo;
    this.#tell({
      kind: "refused",
      peer,
      ...(requestId !== undefined && { id: requestId }),
      status,
      code: error.code,
      reason: statusText(error),
    });
    // §4.1 wants `query features` with a wrong argument answered with 400, and none is one of them.
    const isHeard = requested !== "none" || this.#options.errorsUnderNone === "answered" || error.code === "ERR_OPENC2_FEATURES_ARGS";
    return isHeard && !UNANSWERABLE.has(error.code) ? this.#message(failed(error), replyTo) : silence(status, replyTo);
  }

  #message(response: Response, replyTo: ReplyTo): Answer {
    try {
      return this.#answer(response, replyTo);
    } catch (cause) {
      this.#tell({ kind: "fault", cause });
      // Too long, most likely. What is left can always be said.
      return this.#answer(failed(new ConsumerError("ERR_CONSUMER_FAULT", "its response cannot be sent")), replyTo);
    }
  }

  #answer(response: Response, replyTo: ReplyTo): Answer {
    const { names, clock } = this.#options;
    const bytes = writeResponse(response, replyTo, { from: names[0], nowMs: clock.nowMs(), profiles: this.#registry.vocabulary });
    return { kind: "message", status: response.status, bytes, ...(replyTo.requestId !== undefined && { requestId: replyTo.requestId }) };
  }
}

function silence(status: Status, { requestId }: ReplyTo): Answer {
  return { kind: "silence", status, ...(requestId !== undefined && { requestId }) };
}
