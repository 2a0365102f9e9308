/** The devices that have checked in through one broker, by ordinal: one channel per identity. It reports who comes and who goes. */
import { RoaringBitmap32 } from "roaring-wasm";
import type { Clock } from "../../trust/clock.ts";
import type { Reporter } from "../gateway/reporter.ts";
import type { BrokerChannel } from "./broker-channel.ts";

export class BrokerChannels {
  readonly #reporter: Reporter;
  readonly #clock: Clock;
  readonly #room: () => number;
  readonly #byOrdinal = new Map<number, BrokerChannel>();
  readonly #byDevice = new Map<string, BrokerChannel>();

  constructor(reporter: Reporter, clock: Clock, room: () => number) {
    this.#reporter = reporter;
    this.#clock = clock;
    this.#room = room;
  }

  get room(): number {
    return this.#room();
  }

  all(): Iterable<BrokerChannel> {
    return this.#byOrdinal.values();
  }

  of(deviceId: string): BrokerChannel | undefined {
    return this.#byDevice.get(deviceId);
  }

  /** It takes the place of the channel of the device's check-in before. */
  add(channel: BrokerChannel): void {
    this.forget(channel.ordinal);
    this.#byOrdinal.set(channel.ordinal, channel);
    this.#byDevice.set(channel.deviceId, channel);
    this.#reporter.add({ kind: "connected", ordinal: channel.ordinal, atMs: this.#clock.nowMs() });
  }

  close(channel: BrokerChannel, reason: string): void {
    if (!channel.isOpen) return;
    this.forget(channel.ordinal);
    this.#reporter.add({ kind: "disconnected", ordinal: channel.ordinal, atMs: this.#clock.nowMs(), reason });
  }

  /** Without a report: the device stands, here or elsewhere. */
  forget(ordinal: number): void {
    const channel = this.#byOrdinal.get(ordinal);
    if (channel === undefined) return;
    channel.isOpen = false;
    this.#byOrdinal.delete(ordinal);
    this.#byDevice.delete(channel.deviceId);
  }

  reportStanding(): void {
    const ordinals = new RoaringBitmap32(this.#byOrdinal.keys());
    this.#reporter.add({ kind: "standing", atMs: this.#clock.nowMs(), ordinals: ordinals.serialize("portable") });
    ordinals.dispose();
  }
}
