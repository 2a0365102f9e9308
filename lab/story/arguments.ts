/** The arguments of `npm start`. */
import { Command } from "commander";
import { whole } from "../program.ts";

export interface StoryOptions {
  readonly devices: number;
  /** bytes */
  readonly payload: number;
  readonly seed: number;
  readonly badPatch: boolean;
  readonly stay: boolean;
  readonly json: boolean;
  readonly state?: string;
}

/** The story tells of seven misfits outside a canary of ten or more; a smaller fleet cannot hold them. */
const DEVICES_MIN = 100;
const DEVICES_MAX = 8_000;
const PAYLOAD_BYTES_MIN = 4_096;

export function parseArguments(argv: readonly string[]): StoryOptions {
  return new Command("npm start --")
    .description("The use case from end to end, with real parts: an ISP updates its webcams without waiting for an answer.")
    .option("--devices <count>", "webcams to run", whole(DEVICES_MIN, DEVICES_MAX), 1_000)
    .option("--payload <bytes>", "size of the new firmware", whole(PAYLOAD_BYTES_MIN, 256 * 1024 * 1024), 256 * 1024)
    .option("--seed <number>", "same seed, same story", whole(0, 0xff_ff_ff_ff), 1)
    .option("--bad-patch", "the new firmware is bad: see the campaign halt by itself", false)
    .option("--stay", "leave everything running at the end and say how to talk to it", false)
    .option("--json", "print one JSON object on standard output; progress goes to standard error", false)
    .option("--state <dir>", "make the world there and keep it (default: a temporary directory)")
    .parse(argv as string[], { from: "user" })
    .opts<StoryOptions>();
}
