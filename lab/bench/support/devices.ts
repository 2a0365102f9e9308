/** Very many devices in a few processes (devices/main.c): they dial, stand, receive and count. */
import { Child } from "./child.ts";
import type { Workshop } from "./workshop.ts";

export type Protocol = "edict" | "nchan" | "mqtt" | "nats" | "plain" | "tls";

export interface DevicesOptions {
  readonly protocol: Protocol;
  readonly port: number;
  readonly count: number;
  /** Processes; each may hold 19,500 connections. */
  readonly processes: number;
  readonly dialsPerSecond: number;
  /** Address that they dial, and the first ordinal. */
  readonly host?: string;
  readonly first?: number;
}

export class Devices {
  readonly #children: readonly Child[];

  private constructor(children: readonly Child[]) {
    this.#children = children;
  }

  static compile(workshop: Workshop): void {
    workshop.compile("devices", ["main.c", "tls.c", "speak.c"], ["-lssl", "-lcrypto"]);
  }

  /** Starts them; `up` resolves when all stand. */
  static start(workshop: Workshop, options: DevicesOptions): Devices {
    const { protocol, port, count, processes, dialsPerSecond, host = "127.0.0.1", first = 0 } = options;
    const share = Math.ceil(count / processes);
    const children = Array.from({ length: processes }, (_, index) => {
      const begin = first + index * share;
      const facts = {
        protocol,
        port,
        host,
        ca: workshop.path("ca.pem"),
        "ca-key": workshop.path("ca.key"),
        // An address of its own for each process: one address has 28,000 ports towards one server.
        source: `127.0.${1 + (Math.floor(begin / share) >> 8)}.${Math.floor(begin / share) & 0xff || 1}`,
        count: Math.min(share, first + count - begin),
        first: begin,
        rate: Math.ceil(dialsPerSecond / processes),
      };
      return new Child([workshop.path("devices"), ...Object.entries(facts).flatMap(([name, value]) => [`--${name}`, String(value)])]);
    });
    return new Devices(children);
  }

  get pids(): readonly number[] {
    return this.#children.map(({ pid }) => pid);
  }

  /** Resolves when each process has said that all of its devices stand: when the last said so, ms since the epoch. */
  async up(): Promise<number> {
    const said = await Promise.all(this.#children.map((child) => child.hearEvent("up")));
    return Math.max(...said.map(({ at_us }) => Number(at_us))) / 1_000;
  }

  /** From now on they count from zero. */
  async arm(): Promise<void> {
    await Promise.all(
      this.#children.map((child) => {
        child.tell("arm");
        return child.hearEvent("armed");
      }),
    );
  }

  /** Resolves when every device has received one message. */
  async all(): Promise<Received> {
    const told = await Promise.all(this.#children.map((child) => child.hearEvent("all")));
    return {
      timesUs: told.flatMap(({ times_us }) => times_us as number[]),
      duplicates: told.reduce((sum, { duplicates }) => sum + Number(duplicates), 0),
    };
  }

  /** Who has received one message so far. */
  soFar(): Promise<Received> {
    for (const child of this.#children) child.tell("tell");
    return this.all();
  }

  async count(): Promise<DeviceCounts> {
    const told = await Promise.all(
      this.#children.map((child) => {
        child.tell("count");
        return child.hearEvent("count");
      }),
    );
    const total = (name: string) => told.reduce((sum, said) => sum + Number(said[name]), 0);
    return {
      standing: total("standing"),
      received: total("received"),
      duplicates: total("duplicates"),
      closed: total("closed"),
      refused: total("refused"),
    };
  }

  /** Those that do not stand yet stay away. */
  enough(): void {
    for (const child of this.#children) child.tell("enough");
  }

  /** From now on each dials again as soon as its own wait is over. */
  rush(): void {
    for (const child of this.#children) child.tell("rush");
  }

  /** One of them publishes to all, where the protocol has that. */
  publish(bytes: number): void {
    this.#children[0]?.tell(`publish ${bytes}`);
  }

  async end(): Promise<void> {
    await Promise.all(this.#children.map((child) => child.end()));
  }
}

export interface Received {
  /** When each device did, in microseconds since the epoch. */
  readonly timesUs: readonly number[];
  readonly duplicates: number;
}

export interface DeviceCounts {
  readonly standing: number;
  readonly received: number;
  readonly duplicates: number;
  readonly closed: number;
  readonly refused: number;
}
