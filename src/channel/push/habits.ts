/**
 * What consumers in the field want of HTTP, as recorded; what they do to the language itself stands in openc2/dialects/peers.ts.
 * Everybody else is spoken to as HTTPS v1.1 has it. Pure.
 */
import { type Peer, PEERS } from "../../openc2/dialects/peers.ts";
import { CHANNEL_PATH } from "../wire/http.ts";
import { OPENC2_JSON } from "./media-type.ts";

export interface Habits {
  readonly path: string;
  readonly contentType: string;
  /** What it is told that we read; whatever it then says of its answer is not looked at. */
  readonly accept: string;
  readonly language: Peer;
  /** Whether its HTTP status is the OpenC2 status (HTTPS v1.1 §4.2.1) or always 200. */
  readonly status: "mirrored" | "always-200";
}

const STANDARD: Habits = {
  path: CHANNEL_PATH,
  contentType: OPENC2_JSON,
  accept: OPENC2_JSON,
  language: { dialect: "D2", tolerate: [] },
  status: "mirrored",
};
const HTTPS_1_0 = { contentType: "application/openc2-cmd+json;version=1.0", accept: "application/openc2-rsp+json;version=1.0" } as const;
const PLAIN_JSON = { contentType: "application/json", accept: "application/json" } as const;

export const HTTPS_PEERS = {
  standard: STANDARD,
  /** Bare commands, as HTTPS v1.0 had them. */
  "https-1.0": { ...STANDARD, ...HTTPS_1_0, language: { dialect: "D1", tolerate: [] } },
  "ls-2.0-draft": { ...STANDARD, language: { dialect: "D3", tolerate: [] } },
  /** It answers ack and status with HTTP 102 and closes. A space in the media type is a 500. */
  otupy: { ...STANDARD, language: PEERS.otupy },
  /** It answers none with 204, and everything else with 200. */
  yuuki: { ...HTTPS_1_0, path: "/", language: PEERS.yuuki, status: "always-200" },
  /** It answers none, as all else, with 200 and a response. */
  "oif-device": { ...PLAIN_JSON, path: "/.well-known/openc2_command", language: PEERS.oif, status: "always-200" },
} as const satisfies Record<string, Habits>;
