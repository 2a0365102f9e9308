/**
 * Time that passes only when everything that was to happen has happened. While a world runs, the timers, the clocks, the randomness and
 * the cryptography of this process are the world's: the real code inside, whatever it calls, cannot see a real clock or a real thread.
 *
 * After each event of code that uses promises, everything that can go on goes on before the next one (`settle`). So the order of things
 * is a function of the seed alone.
 */
import type { Clock } from "../../src/trust/clock.ts";
import { CryptoTurns } from "./crypto-turns.ts";
import { EventQueue } from "./event-queue.ts";

type Work = () => void;

/** A timer that comes again and again (setInterval). */
interface Round {
  readonly work: Work;
  readonly everyMs: number;
  dueMs: number;
  /** How much had happened when it last came: without anything new it would find nothing to do, and is left out. */
  happened: number;
}

const turnOfTheLoop = setImmediate;
const GLOBALS = ["setTimeout", "clearTimeout", "setInterval", "clearInterval", "setImmediate", "clearImmediate"] as const;

export class VirtualTime implements Clock {
  readonly #queue = new EventQueue();
  readonly #works: (Work | undefined)[] = [];
  readonly #free: number[] = [];
  readonly #rounds = new Set<Round>();
  readonly #crypto = new CryptoTurns();
  /** What is due for a device: codes from 0 are ordinals. */
  #onDevice: (ordinal: number) => void = () => {};
  #nowMs: number;
  #happened = 0;
  #isStirred = false;
  readonly startMs: number;

  constructor(startMs: number) {
    this.startMs = startMs;
    this.#nowMs = startMs;
  }

  nowMs(): number {
    return this.#nowMs;
  }

  get events(): number {
    return this.#happened;
  }

  forDevices(work: (ordinal: number) => void): void {
    this.#onDevice = work;
  }

  /** Wakes a device: no closure, because there are millions. Returns when: a device that is woken earlier than it notes sleeps for ever. */
  wakeIn(ordinal: number, delayMs: number): number {
    const atMs = this.#nowMs + Math.ceil(delayMs);
    this.#queue.push(atMs, ordinal);
    return atMs;
  }

  /** Returns the way to call it off. */
  at(atMs: number, work: Work): () => void {
    const slot = this.#free.pop() ?? this.#works.length;
    this.#works[slot] = work;
    // Whole milliseconds, as every clock here has them.
    this.#queue.push(Math.max(Math.ceil(atMs), this.#nowMs), ~slot);
    return () => {
      if (this.#works[slot] === work) this.#works[slot] = () => {};
    };
  }

  in(delayMs: number, work: Work): () => void {
    return this.at(this.#nowMs + delayMs, work);
  }

  /** What went wrong in code that nobody waits for ends the world. */
  fail(error: unknown): void {
    this.in(0, () => {
      throw error;
    });
  }

  /** Something with promises was set going: before the next event it is given all the turns that it needs. */
  stir(): void {
    this.#isStirred = true;
  }

  /** Lets everything happen until then, or until nothing is left to happen. */
  async runUntil(endMs: number): Promise<void> {
    await this.settle();
    for (;;) {
      const eventMs = this.#queue.nextMs;
      const round = this.#nextRound();
      const atMs = Math.min(eventMs, round?.dueMs ?? Number.POSITIVE_INFINITY);
      if (atMs > endMs) break;
      this.#nowMs = atMs;
      if (round !== undefined && round.dueMs < eventMs) this.#runRound(round);
      else this.#runEvent();
      if (this.#isStirred) await this.settle();
    }
    this.#nowMs = Math.max(this.#nowMs, Math.min(endMs, Number.MAX_SAFE_INTEGER));
  }

  /** Until no promise and no cryptography is under way. */
  async settle(): Promise<void> {
    do {
      this.#isStirred = false;
      await new Promise((resolve) => turnOfTheLoop(resolve));
    } while ((await this.#crypto.next()) || this.#isStirred);
  }

  /** The result of something with promises that is done before anything else happens. */
  async finish<T>(work: Promise<T>): Promise<T> {
    const ending = { hasCome: false };
    const note = () => {
      ending.hasCome = true;
    };
    work.then(note, note);
    while (!ending.hasCome) await this.settle();
    return work;
  }

  /** This process lives in virtual time while the work lasts. */
  async during<T>(random: () => number, work: () => Promise<T>): Promise<T> {
    const real = Object.fromEntries(GLOBALS.map((name) => [name, globalThis[name]]));
    const { now: realNow } = Date;
    const { random: realRandom } = Math;
    const realPerformanceNow = performance.now;
    const restoreCrypto = this.#crypto.install();
    Object.assign(globalThis, this.#timers());
    Date.now = () => this.#nowMs;
    performance.now = () => this.#nowMs - this.startMs;
    Math.random = random;
    try {
      return await work();
    } finally {
      Object.assign(globalThis, real);
      Date.now = realNow;
      performance.now = realPerformanceNow;
      Math.random = realRandom;
      restoreCrypto();
    }
  }

  #timers() {
    const once = (delayMs: number, work: Work) => this.in(delayMs, () => this.#stirring(work));
    const cancel = (timer: unknown) => {
      if (typeof timer === "function") timer();
    };
    return {
      // As in the real ones: no timer is finer than a millisecond.
      setTimeout: (work: Work, delayMs = 0) => once(Math.max(1, Math.ceil(delayMs)), work),
      clearTimeout: cancel,
      setImmediate: (work: Work) => once(0, work),
      clearImmediate: cancel,
      setInterval: (work: Work, everyMs: number) => {
        const round: Round = { work, everyMs, dueMs: this.#nowMs + everyMs, happened: -1 };
        this.#rounds.add(round);
        return () => this.#rounds.delete(round);
      },
      clearInterval: cancel,
    };
  }

  #stirring(work: Work): void {
    this.stir();
    work();
  }

  /** The next timer that comes again and could find something new. */
  #nextRound(): Round | undefined {
    let next: Round | undefined;
    for (const round of this.#rounds) {
      if (round.happened === this.#happened) continue;
      // It slept through times at which there was nothing to find.
      if (round.dueMs < this.#nowMs) round.dueMs += Math.ceil((this.#nowMs - round.dueMs) / round.everyMs) * round.everyMs;
      if (next === undefined || round.dueMs < next.dueMs) next = round;
    }
    return next;
  }

  #runRound(round: Round): void {
    round.dueMs += round.everyMs;
    round.happened = this.#happened;
    this.#stirring(round.work);
  }

  #runEvent(): void {
    this.#happened += 1;
    const code = this.#queue.pop();
    if (code >= 0) return this.#onDevice(code);
    const slot = ~code;
    const work = this.#works[slot];
    this.#works[slot] = undefined;
    this.#free.push(slot);
    work?.();
  }
}
