/** What a compact device knows of a command by the verdict that it shares with all others. */
import { AGENT_ERRORS } from "../../src/agent/index.ts";
import type { Response } from "../../src/openc2/index.ts";
import { TrustError } from "../../src/trust/errors.ts";
import type { VerifiedCommand } from "../../src/trust/verify/index.ts";
import type { Frame } from "./frames.ts";

/** Verified once more: its time may be over by now. */
export function verifiedAt(frame: Frame | undefined, nowMs: number): VerifiedCommand {
  const { verdict } = frame ?? {};
  if (typeof verdict !== "object") throw new Error("a device obeys what was never verified");
  if (nowMs >= verdict.notAfterMs) throw new TrustError("ERR_TRUST_EXPIRED", "its time is over");
  return verdict;
}

export function isAsking({ command, headers }: VerifiedCommand): boolean {
  return command.args?.response_requested !== "none" && headers.request_id !== undefined;
}

export function statusOf(code = ""): Response["status"] {
  return Object.entries(AGENT_ERRORS).find(([name]) => name === code)?.[1].status ?? 500;
}
