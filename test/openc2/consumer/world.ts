/** A consumer under a virtual clock, with handlers that the test lets go, and a producer that speaks D2 to it. */
import type { Answer, Consumer, ConsumerEvent, ConsumerOptions, Delivery } from "../../../src/openc2/consumer/index.ts";
import { type CommandStore, makeConsumer, MemoryStore } from "../../../src/openc2/consumer/index.ts";
import type { Context, HandlerEntry } from "../../../src/openc2/consumer/index.ts";
import { type Command, parseMessage, type ProfileSet, type Response, slpf, xIot, xSwup } from "../../../src/openc2/index.ts";

export const T0 = 1_795_600_000_000;
const encoder = new TextEncoder();

interface Call {
  readonly command: Command;
  readonly context: Context;
  readonly end: (response: Response) => void;
}

export class World {
  nowMs = T0;
  readonly store: CommandStore;
  readonly events: ConsumerEvent[] = [];
  /** In order of their start; each waits until the test ends it. */
  readonly calls: Call[] = [];
  consumer: Consumer;
  #options: Partial<ConsumerOptions>;

  constructor(options: Partial<ConsumerOptions> = {}) {
    this.#options = options;
    this.store = options.store ?? new MemoryStore();
    this.consumer = this.restart();
  }

  /** A new process on what the store holds. */
  restart(): Consumer {
    this.consumer = makeConsumer({
      names: ["cam-7", "cam-7.isp.example"],
      handlers: this.handlers,
      store: this.store,
      clock: { nowMs: () => this.nowMs },
      authorise: () => 200,
      observe: (event) => this.events.push(event),
      ...this.#options,
    });
    this.consumer.tick(this.nowMs);
    return this.consumer;
  }

  get handlers(): readonly HandlerEntry[] {
    const handle = (command: Command, context: Context) =>
      new Promise<Response>((resolve) => this.calls.push({ command, context, end: resolve }));
    return [
      { profile: xSwup, action: "update", target: "x-swup:software", handle },
      { profile: xSwup, action: "query", target: "x-swup:software", handle },
      { profile: xIot, action: "restart", target: "device", handle },
      { profile: slpf, action: "deny", target: "ipv4_net", handle },
      { action: "deny", target: "ipv4_net", handle },
      { action: "scan", target: "device", handle },
    ];
  }

  send(command: object, headers: object | null = { request_id: "r1", from: "isp" }, delivery: Partial<Delivery> = {}): Promise<Answer> {
    const bytes = encoder.encode(JSON.stringify({ ...(headers && { headers }), body: { openc2: { request: command } } }));
    return this.sendBytes(bytes, delivery);
  }

  sendBytes(bytes: Uint8Array, delivery: Partial<Delivery> = {}): Promise<Answer> {
    return this.consumer.receive({ bytes, serialisation: "json", dialect: "any", peer: "isp", ...delivery });
  }

  /** Lets the clock run to then, in one step. */
  at(nowMs: number): void {
    this.nowMs = nowMs;
    this.consumer.tick(nowMs);
  }

  kinds(): readonly string[] {
    return this.events.map(({ kind }) => kind);
  }
}

/** Until all that can happen without time has happened. */
export async function settled(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve();
}

export function responseOf(answer: Answer, profiles: ProfileSet | "any" = "any"): Response {
  if (answer.kind !== "message") throw new Error(`silence with ${answer.status}`);
  const message = parseMessage(answer.bytes, { profiles });
  if (message.kind !== "response") throw new Error("a response is expected");
  return message.response;
}

/** A command without a profile: easily told apart by its path. */
export function scan(args: object = {}, more: object = {}): object {
  return { action: "scan", target: { device: { hostname: "cam-7" } }, ...(Object.keys(args).length > 0 && { args }), ...more };
}
