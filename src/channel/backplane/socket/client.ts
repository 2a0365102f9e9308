/**
 * A gateway part's end of the backplane between processes of one machine. The manager may die and come back: questions that are
 * open then fail (whoever asked keeps what it has and asks again), and the way is looked for until it is found. Channels stand
 * all the while; that sending ends when the manager is silent for too long is the fan-out's own rule.
 */
import { ChannelError } from "../../errors.ts";
import { BACKPLANE_RETRY_MS } from "../../limits.ts";
import type { GatewayLog } from "../../gateway/log.ts";
import type { GatewayStats } from "../../stats/gateway-stats.ts";
import type { Admission, Backplane, GatewayEars, GatewayReport, Order } from "../port.ts";
import { Link } from "./link.ts";
import { type FromManager, type FromPart, MessageReader } from "./messages.ts";

interface ClientOptions {
  readonly path: string;
  /** What the manager calls this part in its log. */
  readonly part: string;
  readonly log: GatewayLog;
}

type Answer = Extract<FromManager, { readonly id: number }>;
type Question = Extract<FromPart, { readonly id: number }>;
type WithoutId<Type> = Type extends unknown ? Omit<Type, "id"> : never;

export class SocketBackplane implements Backplane {
  readonly #options: ClientOptions;
  readonly #ears = new Set<GatewayEars>();
  readonly #open = new Map<number, PromiseWithResolvers<Answer>>();
  #link: Link<FromPart> | undefined;
  #lastId = 0;
  #wasLost = false;
  #isLooking = false;
  #isStopped = false;
  #retry: ReturnType<typeof setTimeout> | undefined;

  constructor(options: ClientOptions) {
    this.#options = options;
  }

  /** Resolves when the manager was found for the first time. */
  async start(): Promise<void> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#dial(resolve);
    await promise;
  }

  stop(): void {
    this.#isStopped = true;
    clearTimeout(this.#retry);
    this.#link?.end();
  }

  async admit(deviceId: string): Promise<Admission> {
    const answer = await this.#ask({ kind: "admit", deviceId });
    if (answer.kind === "admission") return answer.admission;
    throw unexpected(answer);
  }

  async ordersAfter(seq: number): Promise<readonly Order[]> {
    const all: Order[] = [];
    for (let after = seq; ; after = all.at(-1)?.seq ?? after) {
      const answer = await this.#ask({ kind: "orders", after });
      if (answer.kind !== "orders") throw unexpected(answer);
      all.push(...answer.orders);
      if (answer.isAll) return all;
    }
  }

  async report(batch: readonly GatewayReport[]): Promise<void> {
    const answer = await this.#ask({ kind: "report", batch });
    if (answer.kind !== "committed") throw unexpected(answer);
  }

  subscribe(ears: GatewayEars): () => void {
    this.#ears.add(ears);
    return () => this.#ears.delete(ears);
  }

  /** How this part is. Not kept: while there is no way to the manager the next word tells the same. */
  tellStats(stats: GatewayStats): void {
    this.#link?.send({ kind: "stats", stats });
  }

  async #ask(question: WithoutId<Question>): Promise<Answer> {
    if (this.#link === undefined) throw new ChannelError("ERR_CHANNEL_MANAGER", "there is no way to the manager");
    const id = (this.#lastId += 1);
    const open = Promise.withResolvers<Answer>();
    this.#open.set(id, open);
    this.#link.send({ ...question, id });
    return open.promise;
  }

  #dial(found: () => void = () => {}): void {
    const reader = new MessageReader<FromManager>();
    const again = () => {
      if (!this.#isStopped) this.#retry = setTimeout(() => this.#dial(found), BACKPLANE_RETRY_MS);
    };
    Bun.connect({
      unix: this.#options.path,
      socket: {
        open: (socket) => {
          this.#found(new Link<FromPart>(socket));
          found();
        },
        data: (_socket, chunk) => this.#receive(reader, chunk),
        drain: () => this.#link?.drain(),
        close: () => {
          this.#lost();
          again();
        },
        error: (_socket, error) => this.#options.log.warn({ err: error }, "the way to the manager fails"),
      },
    }).catch(() => {
      // Said once: it is looked for four times a second.
      if (!this.#isLooking) this.#options.log.warn({ path: this.#options.path }, "there is no manager (edict serve); it is looked for");
      this.#isLooking = true;
      again();
    });
  }

  #found(link: Link<FromPart>): void {
    this.#link = link;
    link.send({ kind: "hello", part: this.#options.part });
    if (this.#wasLost) for (const { onFound } of this.#ears) onFound();
    this.#wasLost = false;
    this.#isLooking = false;
  }

  #lost(): void {
    this.#link = undefined;
    this.#wasLost = true;
    for (const { reject } of this.#open.values()) reject(new ChannelError("ERR_CHANNEL_MANAGER", "the way to the manager was lost"));
    this.#open.clear();
  }

  #receive(reader: MessageReader<FromManager>, chunk: Uint8Array): void {
    try {
      for (const message of reader.push(chunk)) this.#hear(message);
    } catch (cause) {
      if (!(cause instanceof ChannelError)) throw cause;
      this.#options.log.error({ err: cause }, "the manager is not understood");
      this.#link?.end();
    }
  }

  #hear(message: FromManager): void {
    if (message.kind === "nudge") {
      for (const { onNudge } of this.#ears) onNudge();
    } else if (message.kind === "elsewhere") {
      for (const { onElsewhere } of this.#ears) onElsewhere(message.ordinal);
    } else {
      const open = this.#open.get(message.id);
      this.#open.delete(message.id);
      if (message.kind === "failed") open?.reject(new ChannelError("ERR_CHANNEL_MANAGER", message.message));
      else open?.resolve(message);
    }
  }
}

function unexpected({ kind }: Answer): ChannelError {
  return new ChannelError("ERR_CHANNEL_MANAGER", `the manager answers something else: ${kind}`);
}
