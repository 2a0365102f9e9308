/**
 * One channel per identity. A second one is most often a device that lost its network and came back before its old connection
 * timed out; or it is a copy of its key. The old channel is asked, with a ping that nobody could have answered before: if it is
 * silent it is replaced, if it answers both are alive, and both are kept out until a person decides (docs/adr/0007).
 */
import type { Clock } from "../../trust/clock.ts";
import { CLONE_ANSWER_MAX_MS, CLONE_KEPT_OUT_MS } from "../limits.ts";
import { CLOSE } from "../wire/index.ts";
import type { Connection } from "./connection.ts";
import type { Hub } from "./hub.ts";
import type { GatewayLog } from "./log.ts";
import type { Reporter } from "./reporter.ts";

interface CloneWatchPorts {
  readonly hub: Hub;
  readonly reporter: Reporter;
  readonly clock: Clock;
  readonly log: GatewayLog;
}

interface Question {
  /** Hex of the ping's random payload. */
  readonly nonce: string;
  readonly askedMs: number;
  readonly answer: Promise<boolean>;
  readonly settle: (isAlive: boolean) => void;
}

const NONCE_BYTES = 8;

export class CloneWatch {
  readonly #ports: CloneWatchPorts;
  /** Caught since the start. */
  clones = 0;
  readonly #questions = new Map<Connection, Question>();
  /** Device -> since when, ms since the epoch: until the manager, who keeps them out from then on, surely knows. */
  readonly #keptOut = new Map<string, number>();

  constructor(ports: CloneWatchPorts) {
    this.#ports = ports;
  }

  isKeptOut(deviceId: string): boolean {
    return this.#keptOut.has(deviceId);
  }

  /** A person has decided that these may come back. */
  release(deviceIds: readonly string[]): void {
    for (const id of deviceIds) this.#keptOut.delete(id);
  }

  /**
   * The same identity has come from `newcomer`, a remote address or another part of the gateway. When this resolves the older
   * channel is closed: replaced when it was silent; when it was alive, its identity is kept out and the manager is told.
   */
  async settle(older: Connection, newcomer: string): Promise<void> {
    const { hub, reporter, clock, log } = this.#ports;
    const isAlive = await this.#ask(older);
    // It has gone by itself; or another newcomer asked too and has closed it already.
    if (hub.holder(older.ordinal) !== older) return;
    if (!isAlive) return hub.close(older, "ERR_CHANNEL_REPLACED", CLOSE.replaced);
    const { deviceId, ordinal } = older;
    const addresses = [older.socket.remoteAddress, newcomer];
    this.#keptOut.set(deviceId, clock.nowMs());
    this.clones += 1;
    log.error({ device: deviceId, addresses }, "two live channels of one identity: both are kept out until a person decides");
    hub.close(older, "ERR_CHANNEL_QUARANTINED", CLOSE.quarantined);
    reporter.add({ kind: "cloned", ordinal, atMs: clock.nowMs(), addresses });
  }

  /** A pong, or what a stream's device posts instead. One that carries anything but the nonce answers an older ping, or none: it may have been under way all the time. */
  heard(connection: Connection, payload: Uint8Array): void {
    const question = this.#questions.get(connection);
    if (question !== undefined && payload.toHex() === question.nonce) this.#settle(connection, question, true);
  }

  /** The channel has closed: it was what is left of an older connection after all. */
  gone(connection: Connection): void {
    const question = this.#questions.get(connection);
    if (question !== undefined) this.#settle(connection, question, false);
  }

  sweep(nowMs: number): void {
    for (const [connection, question] of this.#questions) {
      if (nowMs - question.askedMs > CLONE_ANSWER_MAX_MS) this.#settle(connection, question, false);
    }
    for (const [id, sinceMs] of this.#keptOut) if (nowMs - sinceMs > CLONE_KEPT_OUT_MS) this.#keptOut.delete(id);
  }

  #ask(connection: Connection): Promise<boolean> {
    const asked = this.#questions.get(connection);
    if (asked !== undefined) return asked.answer;
    const nonce = crypto.getRandomValues(new Uint8Array(NONCE_BYTES));
    // Behind a full queue it would not hear us in time, and has not taken anything for long.
    const question = connection.isOpen ? connection.wrapping?.question(nonce) : undefined;
    if (question === undefined || connection.write(question) !== "taken") return Promise.resolve(false);
    const { promise: answer, resolve: settle } = Promise.withResolvers<boolean>();
    this.#questions.set(connection, { nonce: nonce.toHex(), askedMs: this.#ports.clock.nowMs(), answer, settle });
    return answer;
  }

  #settle(connection: Connection, question: Question, isAlive: boolean): void {
    this.#questions.delete(connection);
    question.settle(isAlive);
  }
}
