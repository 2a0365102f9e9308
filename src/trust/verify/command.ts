/**
 * The only way to a command that a device may obey. Pure. Verify first, parse after: hostile text without the
 * signatures of two people never meets the OpenC2 parser.
 */
import { type Command, type Headers, parseMessage, type Validated } from "../../openc2/index.ts";
import { checkNotExpired, type Director, type Statement } from "../director.ts";
import { TrustError } from "../errors.ts";
import { COMMAND_LIFE_MS } from "../limits.ts";
import { sha256Hex } from "./digest.ts";
import { parseJws, TYPES, verifyStatement } from "./jws.ts";

declare const verified: unique symbol;

export interface VerifiedCommand {
  readonly [verified]: true;
  readonly command: Validated<Command>;
  readonly headers: Headers;
  readonly commandId: string;
  /** ms since the epoch, as the signers said. */
  readonly createdMs: number;
  readonly notAfterMs: number;
  /** What was verified: who keeps it can verify it again. */
  readonly frame: Uint8Array;
  /** SHA-256 of the message's bytes, lower-case hex. */
  readonly sha256: string;
  readonly persons: readonly string[];
}

/** Throws the codes of verifyStatement, then ERR_TRUST_COMMAND, ERR_TRUST_EXPIRED, ERR_TRUST_DIRECTOR_EXPIRED, or the parser's own. */
export async function verifyCommand(
  frame: Uint8Array,
  { director, nowMs }: { readonly director: Director; readonly nowMs: number },
): Promise<VerifiedCommand> {
  const statement = claimedStatement(frame);
  const { payload, persons } = await verifyStatement(frame, { director, statement });
  const message = parseMessage(payload);
  if (message.kind !== "request") throw refused("it is not a command");
  const { headers, command } = message;
  const { command_id: commandId } = command;
  const { created: createdMs } = headers;
  if (commandId === undefined || commandId === "") throw refused("it has no command_id");
  if (createdMs === undefined) throw refused("it does not say when it was created");
  // One person may stop things. Everything else needs the full threshold.
  if (statement === "stopping-command" && command.action !== "cancel") throw refused(`one person may cancel, not ${command.action}`);
  if (statement === "command") {
    checkNotExpired(director, "director", nowMs);
    // The signers' clock cannot be past the end of their own authority; a device takes its time from this moment.
    checkNotExpired(director, "director", createdMs);
  }
  const notAfterMs = endOf(command) ?? createdMs + COMMAND_LIFE_MS;
  // A command from the "future" is no attack, two people signed it: it is what a device without a clock always sees.
  if (nowMs >= notAfterMs) throw new TrustError("ERR_TRUST_EXPIRED", `expired at ${notAfterMs}, it is ${nowMs}`);
  const facts = { frame, command, headers, commandId, createdMs, notAfterMs, sha256: await sha256Hex(payload), persons };
  return Object.freeze(facts) as VerifiedCommand;
}

/** Until when it holds, by the profile that it is of (x-swup §3.3, x-iot §3.2); by the first to end when it is of both, as a cancel may be. */
function endOf({ args: { "x-swup": swup, "x-iot": iot } = {} }: Command): number | undefined {
  const ends = [swup?.not_after, iot?.not_after].filter((end) => end !== undefined);
  return ends.length === 0 ? undefined : Math.min(...ends);
}

/** What an authority map speaks of: an action with its target. */
export function verbOf({ action, target }: Command): string {
  return `${action} ${Object.keys(target).join()}`;
}

/** Which threshold the frame itself claims; the claim stands in the signed header, so it cannot be changed. */
function claimedStatement(frame: Uint8Array): Statement {
  const { signatures } = parseJws(frame, "command");
  return signatures[0]?.typ === TYPES["stopping-command"] ? "stopping-command" : "command";
}

function refused(why: string): TrustError {
  return new TrustError("ERR_TRUST_COMMAND", `the command is refused: ${why}`);
}
