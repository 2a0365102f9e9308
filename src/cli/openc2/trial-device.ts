/**
 * What `edict openc2 listen` does with commands: it says what it would do, and does nothing to the machine it runs on. For x-swup it
 * remembers which version it would now have, so that a later query tells.
 */
import { existsSync, readFileSync, renameSync, writeFileSync } from "node:fs";
import type { Context, Handler, HandlerEntry } from "../../openc2/consumer/index.ts";
import {
  type Command,
  type InstalledSoftware,
  type LastUpdate,
  PROFILES,
  type Response,
  SOFTWARE_TARGET,
  type Software,
  X_SWUP,
} from "../../openc2/index.ts";

interface State {
  readonly software?: InstalledSoftware;
  readonly last_update?: LastUpdate;
}

/** Pairs that the consumer runtime answers itself. */
const OF_THE_RUNTIME = ["query features", "cancel command"];

export class TrialDevice {
  readonly #file: string;
  readonly #say: (text: string) => void;
  #state: State;

  /** `file` holds its state between runs. */
  constructor(file: string, say: (text: string) => void) {
    this.#file = file;
    this.#say = say;
    this.#state = existsSync(file) ? (JSON.parse(readFileSync(file, "utf8")) as State) : {};
  }

  /** One for each pair of each profile that this build knows. */
  get handlers(): readonly HandlerEntry[] {
    return [...PROFILES.values()].flatMap((profile) =>
      Object.entries(profile.pairs).flatMap(([action, targets]) =>
        targets
          .filter((target) => !OF_THE_RUNTIME.includes(`${action} ${target}`))
          .map((target) => ({ profile, action: action as Command["action"], target, handle: this.#handlerOf(action, target) })),
      ),
    );
  }

  #handlerOf(action: string, target: string): Handler {
    if (target === SOFTWARE_TARGET && action === "update") return async (command, context) => this.#update(command, context);
    if (target === SOFTWARE_TARGET && action === "query") return async (command) => this.#query(softwareOf(command));
    return async () => {
      this.#say(`would now ${action} ${target}`);
      return { status: 200, status_text: "a trial consumer: nothing was really done" };
    };
  }

  #update(command: Command, { id = "" }: Context): Response {
    const { vendor = "unknown", name = "unknown", new_version: version = "", old_version: wanted } = softwareOf(command);
    const { software } = this.#state;
    if (wanted !== undefined && software !== undefined && software.version !== wanted && software.version !== version)
      return { status: 404, status_text: `not ${wanted} but ${software.version} is installed` };
    this.#say(`would now install ${vendor} ${name} ${version}`);
    this.#keep({ software: { vendor, name, version }, last_update: { command_id: id, new_version: version, state: "done" } });
    return this.#query({});
  }

  #query(asked: Software): Response {
    const { software } = this.#state;
    const isAsked = (["vendor", "name"] as const).every((part) => asked[part] === undefined || asked[part] === software?.[part]);
    if (software === undefined || !isAsked) return { status: 404, status_text: "no such software here" };
    return { status: 200, results: { [X_SWUP]: this.#state } };
  }

  #keep(state: State): void {
    this.#state = state;
    writeFileSync(`${this.#file}.new`, JSON.stringify(state));
    renameSync(`${this.#file}.new`, this.#file);
  }
}

function softwareOf({ target }: Command): Software {
  return (target as { [SOFTWARE_TARGET]: Software })[SOFTWARE_TARGET];
}
