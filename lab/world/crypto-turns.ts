/**
 * WebCrypto works on threads of its own and answers when it is done: in another order each time. Here every call waits for its turn, is
 * done alone, and answers when nothing else moves. The same bytes have the same result, so what was done once in this process is not
 * done again: real signatures are checked, each of them once.
 */

type Work = () => Promise<unknown>;

interface Turn {
  readonly key: string | undefined;
  readonly work: Work;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

type Outcome = { readonly value: unknown } | { readonly error: unknown };

/** Operations whose result depends on their bytes alone. A signature is among them because Ed25519 has no randomness. */
const REPEATABLE = ["verify", "digest", "sign", "importKey"] as const;
const OTHERS = ["exportKey", "generateKey", "encrypt", "decrypt", "deriveBits", "deriveKey"] as const;
/** A cache entry is about 200 bytes; a thousand worlds make some hundred thousand. */
const KNOWN_MAX = 50_000;

const known = new Map<string, Outcome>();
const keys = new WeakMap<object, number>();
let keyCount = 0;

export class CryptoTurns {
  readonly #waiting: Turn[] = [];

  /** Takes the place of WebCrypto in this process. Returns the way back. */
  install(): () => void {
    const { subtle } = crypto;
    for (const name of [...REPEATABLE, ...OTHERS]) {
      const original = subtle[name] as (...given: readonly unknown[]) => Promise<unknown>;
      const isRepeatable = (REPEATABLE as readonly string[]).includes(name);
      Reflect.set(subtle, name, (...given: readonly unknown[]) =>
        this.#wait(isRepeatable ? `${name} ${given.map(textOf).join(" ")}` : undefined, () => original.apply(subtle, [...given])),
      );
    }
    return () => {
      // What was put over the methods goes away, and they are there again.
      for (const name of [...REPEATABLE, ...OTHERS]) Reflect.deleteProperty(subtle, name);
    };
  }

  /** Does the next one that waits; false when none does. */
  async next(): Promise<boolean> {
    const turn = this.#waiting.shift();
    if (turn === undefined) return false;
    const outcome = (turn.key === undefined ? undefined : known.get(turn.key)) ?? (await outcomeOf(turn.work));
    if (turn.key !== undefined) {
      if (known.size >= KNOWN_MAX) known.clear();
      known.set(turn.key, outcome);
    }
    if ("error" in outcome) turn.reject(outcome.error);
    else turn.resolve(outcome.value);
    return true;
  }

  #wait(key: string | undefined, work: Work): Promise<unknown> {
    return new Promise((resolve, reject) => this.#waiting.push({ key, work, resolve, reject }));
  }
}

async function outcomeOf(work: Work): Promise<Outcome> {
  try {
    return { value: await work() };
  } catch (error) {
    return { error };
  }
}

/** Everything that the result depends on, as text. A key is known by its identity: each is imported once. */
function textOf(given: unknown): string {
  if (given instanceof Uint8Array) return Buffer.from(given.buffer, given.byteOffset, given.byteLength).toString("latin1");
  if (given instanceof ArrayBuffer) return Buffer.from(given).toString("latin1");
  if (given instanceof CryptoKey) {
    let number = keys.get(given);
    if (number === undefined) keys.set(given, (number = ++keyCount));
    return `key ${number}`;
  }
  return JSON.stringify(given);
}
