/** A full agent's side of its channel through the simulated network. */
import type { Link, LinkEvents } from "../../src/channel/wire/index.ts";

export class SimLink implements Link {
  readonly events: LinkEvents;
  readonly #dial: () => void;
  readonly #say: (bytes: Uint8Array) => void;
  readonly #hangUp: () => void;
  readonly #ended = Promise.withResolvers<string>();
  #isOver = false;

  constructor(
    events: LinkEvents,
    ways: { readonly dial: () => void; readonly say: (bytes: Uint8Array) => void; readonly hangUp: () => void },
  ) {
    this.events = events;
    this.#dial = ways.dial;
    this.#say = ways.say;
    this.#hangUp = ways.hangUp;
  }

  run(): Promise<string> {
    if (!this.#isOver) this.#dial();
    return this.#ended.promise;
  }

  send(bytes: Uint8Array): void {
    if (!this.#isOver) this.#say(bytes);
  }

  close(reason: string): void {
    if (!this.#isOver) this.#hangUp();
    this.end(reason);
  }

  end(reason: string): void {
    this.#isOver = true;
    this.#ended.resolve(reason);
  }
}
