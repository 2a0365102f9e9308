/** What a command that was accepted hears, and when (x-swup §5.1, which x-iot §4 keeps). Pure. */
import type { Response } from "../openc2/index.ts";
import type { VerifiedCommand } from "../trust/verify/index.ts";
import type { DeviceState, HeldAnswer } from "./state.ts";

/** At once: that it was accepted, if that was asked. */
export function acknowledgement({ command }: VerifiedCommand): Response | undefined {
  const requested = command.args?.response_requested;
  return requested === "ack" || requested === "status" ? { status: 102 } : undefined;
}

/** For the end: what an answer will name; nothing when none is wanted. */
export function finalRequest({ command, headers }: VerifiedCommand): { readonly requestId?: string } {
  const wantsAnswer = (command.args?.response_requested ?? "complete") === "complete" && headers.request_id !== undefined;
  return wantsAnswer ? { requestId: headers.request_id ?? "" } : {};
}

/** Those that wait for the channel, and one more if one is wanted. */
export function holding({ answers }: Pick<DeviceState, "answers">, { requestId }: { readonly requestId?: string }, response: Response) {
  const held: HeldAnswer[] = requestId === undefined ? [] : [{ requestId, response }];
  return held.length === 0 ? answers : [...(answers ?? []), ...held];
}
