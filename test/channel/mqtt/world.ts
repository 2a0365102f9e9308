/** Producers and consumers with the real consumer runtime behind one real broker. */
import { MqttConsumer, type MqttAnswer, MqttProducer } from "../../../src/channel/mqtt/index.ts";
import type { Habits } from "../../../src/channel/mqtt/index.ts";
import { type Consumer, type ConsumerEvent, type HandlerEntry, makeConsumer, MemoryStore } from "../../../src/openc2/consumer/index.ts";
import { slpf } from "../../../src/openc2/index.ts";
import type { TestBroker } from "./broker.ts";

const clock = { nowMs: Date.now };

/** Something that happened, and somebody who waits for it. */
export class Seen<T> {
  readonly items: T[] = [];
  readonly #looks = new Set<() => void>();

  add(item: T): void {
    this.items.push(item);
    for (const look of this.#looks) look();
  }

  async until(isEnough: (items: readonly T[]) => boolean): Promise<readonly T[]> {
    if (!isEnough(this.items)) {
      await new Promise<void>((resolve) => {
        const look = () => {
          if (!isEnough(this.items)) return;
          this.#looks.delete(look);
          resolve();
        };
        this.#looks.add(look);
      });
    }
    return this.items;
  }

  count(count: number): Promise<readonly T[]> {
    return this.until((items) => items.length >= count);
  }
}

export interface TestConsumer {
  readonly mqtt: MqttConsumer;
  readonly runtime: Consumer;
  readonly events: Seen<ConsumerEvent>;
  /** Commands that were carried out. */
  readonly done: Seen<string>;
}

/** A packet filter that denies networks. */
export async function makeFilter(
  broker: TestBroker,
  name: string,
  given: {
    readonly clientId?: string;
    readonly habits?: Habits;
    readonly store?: MemoryStore;
    /** What it is called in `to`, beside its name. */
    readonly address?: string;
    /** Its work is done no earlier. */
    readonly until?: Promise<void>;
  } = {},
): Promise<TestConsumer> {
  const events = new Seen<ConsumerEvent>();
  const done = new Seen<string>();
  const deny: HandlerEntry = {
    profile: slpf,
    action: "deny",
    target: "ipv4_net",
    handle: async (_command, { id }) => {
      await given.until;
      done.add(id ?? "");
      return { status: 200 };
    },
  };
  const runtime = makeConsumer({
    names: [name, ...(given.address === undefined ? [] : [given.address])],
    handlers: [deny],
    store: given.store ?? new MemoryStore(),
    clock,
    authorise: () => 200,
    ratePerMinute: 10_000,
    observe: (event) => events.add(event),
  });
  const options = await broker.options(name);
  const mqtt = new MqttConsumer({
    ...options,
    ...(given.clientId !== undefined && { clientId: given.clientId }),
    ...(given.habits && { habits: given.habits }),
    deviceId: name,
    nsids: ["slpf"],
    consumer: runtime,
    clock,
  });
  return { mqtt, runtime, events, done };
}

export async function makeProducer(broker: TestBroker, habits?: Habits): Promise<{ producer: MqttProducer; answers: Seen<MqttAnswer> }> {
  const answers = new Seen<MqttAnswer>();
  const options = await broker.options("isp");
  const onAnswer = (answer: MqttAnswer) => answers.add(answer);
  const producer = new MqttProducer({ ...options, name: "isp", clock, onAnswer, ...(habits && { habits }) });
  await producer.start();
  return { producer, answers };
}
