/** The PUBLISH properties that say what a message is (MQTT v1.0 §2.4.1, §3.2): written in one way, read with a peer's habits. */
import type { IPublishPacket } from "mqtt";
import { ChannelError } from "../errors.ts";
import type { Habits } from "./peers.ts";

export type MessageType = "req" | "rsp" | "ntf";
export type Serialisation = "json" | "cbor";

export type PublishProperties = NonNullable<IPublishPacket["properties"]>;

export interface MessageKind {
  readonly type: MessageType;
  readonly serialisation: Serialisation;
}

const CONTENT_TYPE = "application/openc2";
/** RFC 7515 §9.2.2: a command in the signatures of those who answer for it (docs/adr/0015). */
export const SIGNED_TYPE = "application/jose+json";
/** A check-in, which is no OpenC2. */
const CHECK_IN_TYPE = "application/json";
const TYPES: Readonly<Record<string, MessageType>> = { req: "req", rsp: "rsp", ntf: "ntf" };

/** In this order and with nothing added: there are consumers that compare the whole list. `expirySeconds` is the message's life. */
export function writeProperties({ type, serialisation }: MessageKind, expirySeconds?: number): PublishProperties {
  return {
    payloadFormatIndicator: serialisation === "json",
    contentType: CONTENT_TYPE,
    userProperties: { msgType: type, encoding: serialisation },
    ...(expirySeconds !== undefined && { messageExpiryInterval: expirySeconds }),
  };
}

export function writeSignedProperties(expirySeconds: number): PublishProperties {
  return { ...writeProperties({ type: "req", serialisation: "json" }, expirySeconds), contentType: SIGNED_TYPE };
}

export function writeCheckInProperties(): PublishProperties {
  return { ...writeProperties({ type: "ntf", serialisation: "json" }), contentType: CHECK_IN_TYPE };
}

/** Throws ERR_CHANNEL_MQTT. Properties that mean nothing here, and their order, are put up with. */
export function readProperties(properties: PublishProperties | undefined, usual: MessageType, habits: Habits = {}): MessageKind {
  const { contentType, userProperties, payloadFormatIndicator } = properties ?? {};
  if (habits.isBare === true && contentType === undefined && userProperties === undefined) return { type: usual, serialisation: "json" };
  if (contentType !== CONTENT_TYPE) throw wrong(`the content type is ${CONTENT_TYPE}`);
  const word = single(userProperties, "msgType");
  const type = own(TYPES, word) ?? own(habits.words ?? {}, word);
  if (type === undefined) throw wrong("msgType is req, rsp or ntf");
  const serialisation = single(userProperties, "encoding");
  if (serialisation !== "json" && serialisation !== "cbor") throw wrong("encoding is json or cbor");
  if ((payloadFormatIndicator ?? false) !== (serialisation === "json")) throw wrong("the payload format is 1 for json and 0 for cbor");
  return { type, serialisation };
}

function single(properties: PublishProperties["userProperties"], name: string): string {
  const value = properties !== undefined && Object.hasOwn(properties, name) ? properties[name] : undefined;
  if (typeof value === "string") return value;
  throw wrong(`${name} stands once among the user properties`);
}

function own<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}

function wrong(rule: string): ChannelError {
  return new ChannelError("ERR_CHANNEL_MQTT", `the message's properties are not those of OpenC2: ${rule}`);
}
