/** Whole messages in each dialect: JSON and CBOR carry the same one. */
import { describe, expect, test } from "bun:test";
import {
  DIALECTS,
  type JsonValue,
  type Message,
  OpenC2Error,
  readMessage,
  readValue,
  serialisationOf,
  serialise,
} from "../../../src/openc2/index.ts";
import commands from "../../../vectors/openc2/commands.json" with { type: "json" };
import responses from "../../../vectors/openc2/responses.json" with { type: "json" };
import slpfCommands from "../../../vectors/openc2/slpf-commands.json" with { type: "json" };
import xIotCommands from "../../../vectors/openc2/x-iot-commands.json" with { type: "json" };
import xSwupCommands from "../../../vectors/openc2/x-swup-commands.json" with { type: "json" };

const files = [commands, responses, slpfCommands, xIotCommands, xSwupCommands];
const good = files
  .flatMap(({ vectors }) => vectors as readonly { name: string; value: JsonValue; code?: string }[])
  .filter(({ code }) => code === undefined);

/** What was read, without how it was written. */
const plain = (message: Message) => JSON.parse(JSON.stringify(message.kind === "request" ? message.command : message.response)) as unknown;

/** Undefined for what a consumer puts up with and a producer must not send. */
function written(message: Message, dialect: (typeof DIALECTS)[number], serialisation: "json" | "cbor"): Uint8Array | undefined {
  try {
    return serialise(message, dialect, serialisation);
  } catch (error) {
    if (error instanceof OpenC2Error) return undefined;
    throw error;
  }
}

describe.each(DIALECTS)("%s", (dialect) => {
  test.each(good.map((vector) => [vector.name, vector.value] as const))("%s", (_, value) => {
    const message = readMessage(value, { dialect: "D1" });
    const json = written(message, dialect, "json");
    const cbor = written(message, dialect, "cbor");
    expect(cbor === undefined).toBe(json === undefined);
    if (json === undefined || cbor === undefined) return;
    expect([serialisationOf(json), serialisationOf(cbor)]).toEqual(["json", "cbor"]);
    const read = (bytes: Uint8Array) => readMessage(readValue(bytes, serialisationOf(bytes)), { dialect });
    expect(plain(read(cbor))).toEqual(plain(read(json)));
    expect(read(cbor).tolerances).toEqual(read(json).tolerances);
  });
});
