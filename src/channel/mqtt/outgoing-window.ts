/**
 * How many messages of ours are on their way at once: no more than the broker's Receive Maximum (MQTT 5 §3.3.4), or it cuts us off.
 * The rest waits here in order, and not without bound.
 */
import { ChannelError } from "../errors.ts";

/** What a broker takes that says nothing (MQTT 5 §3.2.2.3.3). */
const RECEIVE_MAXIMUM_DEFAULT = 65_535;

export class OutgoingWindow {
  readonly #waitingMax: number;
  /** Those who wait for their turn, in order. */
  readonly #waiting: (() => void)[] = [];
  /** Tells everybody who has not heard yet that it is over. */
  readonly #unfinished = new Set<(error: ChannelError) => void>();
  #size = 0;
  #running = 0;
  #isClosed = false;

  constructor(waitingMax: number) {
    this.#waitingMax = waitingMax;
  }

  get room(): number {
    return this.#size === 0 ? 0 : this.#waitingMax - this.#waiting.length;
  }

  /** The broker is there. */
  open(receiveMaximum = RECEIVE_MAXIMUM_DEFAULT): void {
    this.#size = receiveMaximum;
    this.#next();
  }

  /** It is away: what is on its way is sent again later by the library, the rest waits. */
  shut(): void {
    this.#size = 0;
  }

  /** For good. */
  close(): void {
    this.#isClosed = true;
    for (const tell of this.#unfinished) tell(stopped());
  }

  /** Throws ERR_CHANNEL_BUSY when too many wait, ERR_CHANNEL_BROKER when it was closed before the work was done. */
  run<T>(work: () => Promise<T>): Promise<T> {
    if (this.#isClosed) return Promise.reject(stopped());
    if (this.#waiting.length >= this.#waitingMax)
      return Promise.reject(new ChannelError("ERR_CHANNEL_BUSY", `${this.#waitingMax} messages wait for the broker`));
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    this.#unfinished.add(reject);
    this.#waiting.push(() => {
      work()
        .then(resolve, reject)
        .finally(() => {
          this.#unfinished.delete(reject);
          this.#running -= 1;
          this.#next();
        });
    });
    this.#next();
    return promise;
  }

  #next(): void {
    while (this.#running < this.#size) {
      const begin = this.#waiting.shift();
      if (begin === undefined) return;
      this.#running += 1;
      begin();
    }
  }
}

function stopped(): ChannelError {
  return new ChannelError("ERR_CHANNEL_BROKER", "the client has stopped");
}
