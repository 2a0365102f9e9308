/**
 * Implementations in the field, as recorded: what each gets wrong in what it sends, and what it needs to be sent. A device of one of
 * them is read and written through its entry here; everybody else is read strictly. Pure.
 */
import type { JsonValue, Message } from "../model.ts";
import type { Dialect } from "./dialect.ts";
import type { Mendable } from "./tolerances.ts";
import { isObject, made, within } from "./values.ts";
import { encodeMessage, writeMessage } from "./write.ts";

export interface Peer {
  readonly dialect: Dialect;
  readonly tolerate: readonly Mendable[];
  /** It refuses `actuator` and takes `"profile": {"slpf": {...}}` in its place. */
  readonly profileAsMap?: true;
}

export const PEERS = {
  otupy: { dialect: "D2", tolerate: [] },
  yuuki: { dialect: "D2", tolerate: ["to-is-a-string", "profile-is-a-map"], profileAsMap: true },
  /** Its device answers with results in words; its orchestrator's public messages have `to` empty. */
  oif: { dialect: "D2", tolerate: ["results-is-a-string", "to-empty"] },
} as const satisfies Record<string, Peer>;

const encoder = new TextEncoder();

/** The exact bytes of a message for this peer. Throws OpenC2Error rather than emit anything invalid but what the peer needs. */
export function encodeForPeer(message: Message, { dialect, profileAsMap }: Peer): Uint8Array {
  const bytes = encodeMessage(message, dialect);
  if (profileAsMap === undefined) return bytes;
  const value = within(writeMessage(message, dialect), "body", (body) =>
    within(body, "openc2", (openc2) => within(openc2, "request", renameSelector)),
  );
  return encoder.encode(JSON.stringify(value));
}

function renameSelector(request: JsonValue): JsonValue {
  if (!isObject(request)) return request;
  const { actuator, ...rest } = request;
  return made({ ...rest, profile: actuator });
}
