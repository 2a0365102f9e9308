/** Runs handlers: all that a command selects at once, each for so long, and whatever they do a valid response comes out. Pure. */
import { EdictError } from "../edict-error.ts";
import type { Command, Response, Validated } from "../model.ts";
import { validateResponse } from "../response.ts";
import { combine, type Part } from "./combine.ts";
import { ConsumerError } from "./errors.ts";
import { type Context, type HandlerEntry, type Registry, targetName } from "./registry.ts";
import { statusText } from "./request.ts";

interface Run {
  readonly deadlineMs: number;
  readonly giveUp: () => void;
}

export class Runner {
  readonly #registry: Registry;
  readonly #handlerMaxMs: number;
  readonly #onFault: (cause: unknown) => void;
  readonly #runs = new Set<Run>();

  constructor(registry: Registry, handlerMaxMs: number, onFault: (cause: unknown) => void) {
    this.#registry = registry;
    this.#handlerMaxMs = handlerMaxMs;
    this.#onFault = onFault;
  }

  /** Never rejects. */
  run(command: Validated<Command>, context: Omit<Context, "signal">, nowMs: number): Promise<Response> {
    const { promise, resolve } = Promise.withResolvers<Response>();
    const abort = new AbortController();
    const end = (response: Response) => {
      this.#runs.delete(run);
      resolve(response);
    };
    const run: Run = {
      deadlineMs: nowMs + this.#handlerMaxMs,
      giveUp: () => {
        abort.abort();
        end(failed(new ConsumerError("ERR_CONSUMER_HANDLER_TIME", `${nameOf(command)} took more than ${this.#handlerMaxMs} ms`)));
      },
    };
    this.#runs.add(run);
    const parts = this.#registry.select(command).map((entry) => this.#part(entry, command, { ...context, signal: abort.signal }));
    void Promise.all(parts).then((all) => end(all.length === 0 ? failed(unsupported(command)) : combine(all)));
    return promise;
  }

  /** Ends those whose time is over. */
  tick(nowMs: number): void {
    for (const run of this.#runs) if (run.deadlineMs <= nowMs) run.giveUp();
  }

  nextDeadlineMs(): number | undefined {
    return this.#runs.size === 0 ? undefined : Math.min(...[...this.#runs].map(({ deadlineMs }) => deadlineMs));
  }

  async #part({ profile, handle }: HandlerEntry, command: Validated<Command>, context: Context): Promise<Part> {
    const name = profile?.nsid ?? "openc2";
    try {
      return { name, response: this.#final(await handle(command, context)) };
    } catch (cause) {
      // What a handler says with an error of Edict's is meant for the producer; anything else tells of our inside.
      if (cause instanceof EdictError) return { name, response: failed(cause) };
      this.#onFault(cause);
      return { name, response: failed(new ConsumerError("ERR_CONSUMER_FAULT", `${nameOf(command)} failed in this consumer`)) };
    }
  }

  /** As the language wants it, or a fault of the handler's: not one of the producer's, whatever the check calls it. */
  #final(response: Response): Response {
    // 102 is no end (LS 1.0 §3.3.2.1): who asked for complete would wait forever.
    if (response?.status === 102) throw new Error("a handler answered 102");
    try {
      return validateResponse(JSON.parse(JSON.stringify(response)), { profiles: this.#registry.profiles });
    } catch (cause) {
      throw new Error("a handler gave no valid response", { cause });
    }
  }
}

export function unsupported(command: Command): ConsumerError {
  return new ConsumerError("ERR_CONSUMER_UNSUPPORTED", `${nameOf(command)} is not supported here`);
}

export function failed(error: EdictError): Response {
  return { status: error.facts.status, status_text: statusText(error) };
}

function nameOf(command: Command): string {
  return `${command.action} ${targetName(command)}`;
}
