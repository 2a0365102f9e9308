/** The default topic structure (MQTT v1.0 §2.2). A name becomes one level of a topic, or is refused. */
import { ChannelError } from "../errors.ts";
import { TOPIC_LEVEL_CHARACTERS_MAX } from "./limits.ts";

/** Whom a command is published to. */
export type Recipients =
  | { readonly kind: "all" }
  /** Every consumer that has this actuator profile. */
  | { readonly kind: "profile"; readonly nsid: string }
  | { readonly kind: "device"; readonly id: string };

/** Where every producer listens. */
export const RESPONSES = "oc2/rsp";

/** Throws ERR_CHANNEL_MQTT for a name that is no level of a topic. */
export function commandTopic(recipients: Recipients): string {
  switch (recipients.kind) {
    case "all":
      return "oc2/cmd/all";
    case "profile":
      return `oc2/cmd/ap/${level(recipients.nsid)}`;
    case "device":
      return `oc2/cmd/device/${level(recipients.id)}`;
  }
}

/** All that a consumer subscribes to (§3.3). */
export function consumerTopics(deviceId: string, nsids: readonly string[]): readonly string[] {
  const profiles = nsids.map((nsid) => commandTopic({ kind: "profile", nsid }));
  return [commandTopic({ kind: "all" }), ...profiles, commandTopic({ kind: "device", id: deviceId })];
}

/** Where a producer listens for itself. */
export function responseTopic(producer: string): string {
  return `${RESPONSES}/${level(producer)}`;
}

/** Where an answer goes: to the producer that names itself, to all of them if its name is no level of a topic. */
export function answerTopic(producer: string | undefined): string {
  return producer !== undefined && isLevel(producer) ? responseTopic(producer) : RESPONSES;
}

/** Where one device says something to one gateway: a level below the gateway's own topic, so that an access list can keep it its own. */
export function upwardTopic(gateway: string, deviceId: string): string {
  return `${responseTopic(gateway)}/${level(deviceId)}`;
}

/** Where a gateway hears all of its devices. */
export function upwardFilter(gateway: string): string {
  return `${responseTopic(gateway)}/+`;
}

/** MQTT 5 §4.7: a slash would begin another level, `+` and `#` are wildcards, U+0000 and half surrogates are not allowed. */
function isLevel(name: string): boolean {
  // oxlint-disable-next-line no-control-regex -- these are what is looked for
  return /^[^/+#\u0000-\u001f\u007f]+$/.test(name) && name.length <= TOPIC_LEVEL_CHARACTERS_MAX && name.isWellFormed();
}

function level(name: string): string {
  if (isLevel(name)) return name;
  throw new ChannelError("ERR_CHANNEL_MQTT", `${JSON.stringify(name)} cannot stand in a topic`);
}
