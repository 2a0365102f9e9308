/** The x-iot profile: stopping processes and restarting devices, with what such a command must say. docs/profiles/x-iot. Pure. */
import { PROCESSES_MAX } from "../../limits.ts";
import type { Command, JsonObject } from "../../model.ts";
import { closedMap, fail, integer, listOf, oneOf } from "../../shape.ts";
import { commandId } from "../../targets.ts";
import type { Profile } from "../profile.ts";
import { time, word } from "../words.ts";
import { HOUSEKEEPING_STATES, MODEL_TARGET, X_IOT } from "./model.ts";

const model = closedMap({ vendor: word, name: word, hardware: listOf(word, { least: 1, unique: true }) });
const running = closedMap({ pid: time, name: word }, { required: ["pid", "name"] });
const lastCommand = closedMap(
  { command_id: commandId, action: oneOf(["stop", "restart"]), state: oneOf(HOUSEKEEPING_STATES), error: word },
  { required: ["command_id", "action", "state"] },
);

export const xIot: Profile = {
  nsid: X_IOT,
  targets: { model },
  args: closedMap({ not_after: time, spread: time, grace: time }),
  actuator: closedMap({}, { least: 0 }),
  results: closedMap({
    stopped: integer({ least: 0 }),
    processes: listOf(running, { most: PROCESSES_MAX }),
    uptime: time,
    last_command: lastCommand,
  }),
  pairs: {
    query: ["features", "process", MODEL_TARGET],
    stop: ["process"],
    restart: ["device", MODEL_TARGET],
    cancel: ["command"],
  },
  matrixClause: "x-iot §2",
  checkCommand,
  checkMass,
};

function checkCommand({ action, target, args }: Command, path: string): void {
  if (args?.stop_time !== undefined || args?.duration !== undefined)
    fail("ERR_OPENC2_UNSUPPORTED", `${path}.args`, "stop_time and duration do not apply", "x-iot §2.3");
  if (action === "stop" && !("pid" in processOf(target) || isSameEverywhere(target)))
    fail("ERR_OPENC2_MISSING", `${path}.target.process`, "its pid, its name or the hashes of its executable are needed", "x-iot §2.1");
}

/** One text for all: a pid is another process on every device, and a device target names one device. */
function checkMass({ action, target, args }: Command): void {
  const unsafe = (path: string, why: string) => fail("ERR_OPENC2_UNSAFE", path, why, "x-iot §2.5");
  const { not_after, spread } = args?.[X_IOT] ?? {};
  if (not_after === undefined) unsafe(`$.args.${X_IOT}.not_after`, "a command to many devices must say until when it holds");
  if (action === "stop" && !isSameEverywhere(target))
    unsafe("$.target.process", "a pid is another process on every device: a name or the hashes of an executable are needed");
  if (action !== "restart") return;
  if ("device" in target) unsafe("$.target.device", `it names one device: use ${MODEL_TARGET}`);
  if (spread === undefined) unsafe(`$.args.${X_IOT}.spread`, "a restart of many devices must say over how long it is spread");
}

/** Named by what it is, rather than by a number that the device gave it. */
function isSameEverywhere(target: Command["target"]): boolean {
  const { name, executable } = processOf(target);
  return name !== undefined || (executable !== undefined && "hashes" in executable);
}

function processOf(target: Command["target"]): { readonly name?: string; readonly executable?: JsonObject } {
  return (target as JsonObject)["process"] as JsonObject;
}
