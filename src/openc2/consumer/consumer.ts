/**
 * The OpenC2 consumer: what comes in from any transfer is read, checked, kept, done and answered here. Every command meets the same
 * checks, whatever response it asks for; what is accepted is on disk first. How each case is answered is ADR 7. Pure: time is a
 * clock, and whoever owns a timer calls `tick` at `nextDueMs`.
 */
import { EdictError } from "../edict-error.ts";
import { RATE_LIMIT_PER_MINUTE } from "../limits.ts";
import type { Command, Feature, Response, ResponseType, Results, Status } from "../model.ts";
import { ConsumerError, type ConsumerErrorCode } from "./errors.ts";
import type { Observer } from "./events.ts";
import { HANDLER_MAX_MS, ID_CHARACTERS_MAX, QUEUE_MAX, QUEUE_PER_PEER_MAX, RUNNING_MAX, WAITING_MAX } from "./limits.ts";
import type { Answer, ConsumerPort, Delivery } from "./port.ts";
import { CommandQueue } from "./queue.ts";
import { RateLimit } from "./rate-limit.ts";
import { type HandlerEntry, Registry, targetName } from "./registry.ts";
import { readRequest, type ReplyTo, statusText, writeResponse } from "./request.ts";
import { failed, Runner, unsupported } from "./runner.ts";
import { type CommandStore, isFinal, type Kept } from "./store.ts";
import { timesOf } from "./times.ts";

/** 401: the peer is not known; 403: it is, and may not do this. */
export type Authorise = (peer: string, command: Command) => 200 | 401 | 403;

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
  readonly #runner: Runner;
  readonly #queue: CommandQueue;
  readonly #rate: RateLimit;
  readonly #ratePerMinute: number;
  readonly #tell: Observer;
  /** Deliveries whose answer is awaited. */
  #waiting = 0;

  constructor(options: ConsumerOptions) {
    const { handlers, store, clock, handlerMaxMs = HANDLER_MAX_MS, runningMax = RUNNING_MAX, observe } = options;
    this.#options = options;
    this.#tell = (event) => observe?.(event);
    this.#ratePerMinute = options.ratePerMinute ?? RATE_LIMIT_PER_MINUTE;
    this.#rate = new RateLimit(this.#ratePerMinute);
    this.#registry = new Registry(handlers);
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
  async #obey(command: Command, { peer, onAccepted }: Delivery, replyTo: ReplyTo, nowMs: number): Promise<Response | undefined> {
    // Before anything is looked up: a stranger learns nothing of what is supported here.
    this.#checkAuthority(command, peer);
    const { action, target } = command;
    if (action === "query" && "features" in target) return this.#features(command);
    const isCancel = action === "cancel" && "command" in target;
    if (!isCancel && this.#registry.select(command).length === 0) throw unsupported(command);
    this.#registry.check(command);
    const requested = replyTo.requested ?? "complete";
    const { requestId } = replyTo;
    const id = command.command_id || requestId;
    if ((id?.length ?? 0) > ID_CHARACTERS_MAX || (requestId?.length ?? 0) > ID_CHARACTERS_MAX)
      throw new ConsumerError("ERR_CONSUMER_REUSED_ID", `an id has more than ${ID_CHARACTERS_MAX} characters`);
    const about = { peer, receivedMs: nowMs, ...(id !== undefined && { id }), ...(requestId !== undefined && { requestId }) };
    // A query changes nothing, so nothing is lost when it is lost; kept is what is answered before or long after it is done.
    if (action === "query" && requested === "complete" && command.args?.start_time === undefined) {
      const times = timesOf(command, nowMs);
      onAccepted?.();
      return this.#wait(() => this.#runner.run(command, { ...about, ...times, attempt: 1 }, nowMs));
    }
    const kept = await this.#accept(command, about);
    onAccepted?.();
    return this.#answerTo(kept, requested);
  }

  #checkAuthority(command: Command, peer: string): void {
    const verdict = this.#options.authorise(peer, command);
    if (verdict === 401) throw new ConsumerError("ERR_CONSUMER_UNAUTHENTICATED", "this peer is not known here");
    if (verdict !== 200) throw new ConsumerError("ERR_CONSUMER_FORBIDDEN", `this peer may not ${command.action} ${targetName(command)}`);
  }

  /** LS 1.0 §4.1. Its arguments were checked when it was read; that a feature stands twice is tolerated. */
  #features({ target, actuator }: Command): Response {
    const requested = (target as { features: readonly Feature[] }).features;
    const [nsid] = Object.keys(actuator ?? {});
    const all: Results = {
      versions: ["1.0"],
      profiles: nsid === undefined ? [...this.#registry.profiles.keys()] : [nsid],
      pairs: this.#registry.pairs(nsid),
      rate_limit: this.#ratePerMinute,
    };
    const chosen = Object.entries(all).filter(([name]) => (requested as readonly string[]).includes(name));
    return { status: 200, ...(chosen.length > 0 && { results: Object.fromEntries(chosen) }) };
  }

  /** Kept on disk, now or when it came for the first time. */
  async #accept(command: Command, about: Pick<Kept, "peer" | "id" | "requestId" | "receivedMs">): Promise<Kept> {
    const { peer, id, receivedMs } = about;
    const { store, queueMax = QUEUE_MAX } = this.#options;
    try {
      const known = id === undefined ? undefined : this.#queue.find(id, peer);
      if (known !== undefined && !isSame(command, known))
        throw new ConsumerError("ERR_CONSUMER_REUSED_ID", `${id} was the id of another command`);
      const times = known ?? timesOf(command, receivedMs);
      if (known === undefined && (store.unfinished() >= queueMax || store.unfinished(peer) >= Math.min(queueMax, QUEUE_PER_PEER_MAX)))
        throw new ConsumerError("ERR_CONSUMER_FULL", "too many commands wait here");
      const kept = known ?? this.#queue.add(command, { ...about, ...times });
      // Also for one that came before: the first of two at once may not be on disk yet.
      await store.synced();
      if (known === undefined) {
        const what = { action: command.action, target: targetName(command), startMs: kept.startMs };
        this.#tell({ kind: "accepted", seq: kept.seq, peer, ...(id !== undefined && { id }), ...what });
      }
      return kept;
    } catch (cause) {
      if (cause instanceof EdictError) throw cause;
      this.#tell({ kind: "fault", cause });
      throw new ConsumerError("ERR_CONSUMER_STORE", "no command can be kept now", { cause });
    }
  }

  /** LS 1.0 §3.3.1.4. */
  async #answerTo(kept: Kept, requested: ResponseType): Promise<Response | undefined> {
    if (requested === "ack") return { status: 102 };
    if (requested === "status") return isFinal(kept) && kept.response ? kept.response : { status: 102 };
    if (requested === "complete") return this.#wait(() => this.#queue.outcome(kept));
    if (this.#options.errorsUnderNone !== "answered") return undefined;
    const response = await this.#wait(() => this.#queue.outcome(kept));
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
    const { names, clock } = this.#options;
    const carried = replyTo.requestId === undefined ? {} : { requestId: replyTo.requestId };
    try {
      return { kind: "message", status: response.status, bytes: writeResponse(replyTo, response, names[0], clock.nowMs()), ...carried };
    } catch (cause) {
      this.#tell({ kind: "fault", cause });
      // Too long, most likely. What is left can always be said.
      const short = failed(new ConsumerError("ERR_CONSUMER_FAULT", "its response cannot be sent"));
      return { kind: "message", status: short.status, bytes: writeResponse({ ...carried }, short, names[0], clock.nowMs()), ...carried };
    }
  }
}

function silence(status: Status, { requestId }: ReplyTo): Answer {
  return { kind: "silence", status, ...(requestId !== undefined && { requestId }) };
}

/** The same but for the response asked for: whoever retransmits may ask again in another way, e.g. for the status. */
function isSame(command: Command, { command: text }: Kept): boolean {
  return text === undefined || essence(command) === essence(JSON.parse(text));
}

function essence({ action, target, actuator, args }: Command): string {
  const { response_requested: _, ...rest } = args ?? {};
  return JSON.stringify([action, target, actuator, rest]);
}
