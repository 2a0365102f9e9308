/**
 * What implementations in the field do otherwise than MQTT v1.0, as recorded; what they do to the language itself stands in
 * openc2/dialects/peers.ts. Who speaks through a broker is not known before a message is read, so these habits are put up with by
 * whoever is told to. How we publish is the same for all: the strictest of them takes it.
 */
import { type Peer, PEERS } from "../../openc2/index.ts";
import type { MessageType } from "./properties.ts";

export interface Habits {
  readonly language?: Peer;
  /** Its words for msgType, beside those of §2.4.1. */
  readonly words?: Readonly<Record<string, MessageType>>;
  /** It sends no properties at all: JSON, of the type that belongs on the topic. */
  readonly isBare?: true;
  /** As a producer it listens on the topic of all producers and not on its own, which is only a SHOULD (§3.3). */
  readonly hearsAllOnly?: true;
  /** Topic filters on which it answers, beside those of §2.2. */
  readonly answersOn?: readonly string[];
}

export const MQTT_PEERS = {
  yuuki: { language: PEERS.yuuki, hearsAllOnly: true },
  "oif-orchestrator": { language: PEERS.oif, words: { request: "req", response: "rsp" } },
  "oif-device": { language: PEERS.oif, isBare: true },
  otupy: { language: PEERS.otupy, answersOn: ["oc2/rsp/device/+"] },
} as const satisfies Record<string, Habits>;
