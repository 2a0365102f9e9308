/** Housekeeping of many devices at once: what one text for all of them must say, and must not. */
import { describe, expect, test } from "bun:test";
import { checkMassCommand, type Command, OpenC2Error, validateCommand } from "../../../src/openc2/index.ts";

const args: Command["args"] = { response_requested: "none", "x-iot": { not_after: 1_771_804_800_000 } };
const stop = (process: object): Command => ({ action: "stop", target: { process: { ...process } }, args, command_id: "a" });
const restart = (target: Command["target"], spread?: number): Command => ({
  action: "restart",
  target,
  args: { ...args, "x-iot": { not_after: 1, ...(spread !== undefined && { spread }) } },
  command_id: "a",
});

function outcome(command: Command): string {
  validateCommand(JSON.parse(JSON.stringify(command)));
  try {
    checkMassCommand(command);
    return "safe";
  } catch (error) {
    if (!(error instanceof OpenC2Error)) throw error;
    return `${error.code} ${error.path}`;
  }
}

describe("a command of x-iot to many devices", () => {
  test.each<[string, Command, string]>([
    ["stops a process by its name", stop({ name: "mirai" }), "safe"],
    ["stops a process by the digest of its executable", stop({ executable: { hashes: { sha256: "ab".repeat(32) } } }), "safe"],
    ["stops a process by its pid, which is another one on every device", stop({ pid: 33_357 }), "ERR_OPENC2_UNSAFE $.target.process"],
    ["stops it by name and pid", stop({ pid: 33_357, name: "mirai" }), "safe"],
    ["restarts a model", restart({ "x-iot:model": { name: "famousModel" } }, 600_000), "safe"],
    ["restarts a model all at once, and says so", restart({ "x-iot:model": { name: "famousModel" } }, 0), "safe"],
    [
      "restarts a model over no time that is said",
      restart({ "x-iot:model": { name: "famousModel" } }),
      "ERR_OPENC2_UNSAFE $.args.x-iot.spread",
    ],
    ["restarts the one device", restart({ device: { device_id: "cam-1" } }, 1), "ERR_OPENC2_UNSAFE $.target.device"],
    [
      "never expires",
      { ...stop({ name: "a" }), args: { response_requested: "none", "x-iot": { grace: 1 } } },
      "ERR_OPENC2_UNSAFE $.args.x-iot.not_after",
    ],
    ["is cancelled", { action: "cancel", target: { command: "a" }, args: args ?? {}, command_id: "b" }, "safe"],
  ])("that %s", (_, command, expected) => {
    expect(outcome(command)).toBe(expected);
  });
});
