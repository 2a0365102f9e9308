/** Dialect D2: exact bytes out, tolerance where the text allows it in, nothing invalid out. */
import { describe, expect, test } from "bun:test";
import { type Command, encodeRequest, encodeResponse, type Headers, OpenC2Error, parseMessage } from "../../src/openc2/index.ts";

const bytes = (text: string) => new TextEncoder().encode(text);
const text = (encoded: Uint8Array) => new TextDecoder().decode(encoded);

const sha256 = "5c2d6daaf85a710605678f8e7ef0b725b33303f3234197b9dc4b46196734a4f0";
const software = {
  vendor: "famousMaker",
  name: "famousModel",
  new_version: "2.3.4",
  source: "https://updates.example/Patch.bin",
  size: 7_340_032,
  hashes: { sha256 },
};
const update: Command = {
  action: "update",
  target: { "x-swup:software": software },
  args: { response_requested: "none", "x-swup": { not_after: 1_771_804_800_000, spread: 600_000 } },
  command_id: "wc17_9674309",
};

function refusal(act: () => unknown): OpenC2Error {
  try {
    act();
  } catch (error) {
    if (error instanceof OpenC2Error) return error;
    throw error;
  }
  throw new Error("it was accepted");
}

describe("a message that is sent", () => {
  test("has one exact form: compact, headers in order, digests in upper case and nothing else changed", () => {
    const headers: Headers = { from: "manage-my-iot.isp.example", created: 1_771_718_400_000 };
    expect(text(encodeRequest(headers, update))).toBe(
      '{"headers":{"created":1771718400000,"from":"manage-my-iot.isp.example"},"body":{"openc2":{"request":{"action":"update",' +
        '"target":{"x-swup:software":{"vendor":"famousMaker","name":"famousModel","new_version":"2.3.4",' +
        `"source":"https://updates.example/Patch.bin","size":7340032,"hashes":{"sha256":"${sha256.toUpperCase()}"}}},` +
        '"args":{"response_requested":"none","x-swup":{"not_after":1771804800000,"spread":600000}},"command_id":"wc17_9674309"}}}}',
    );
  });
  test("orders all four headers, whatever the order they came in", () => {
    const headers: Headers = { to: ["cam-1"], from: "isp", created: 1, request_id: "r" };
    expect(text(encodeResponse(headers, { status: 200 }))).toBe(
      '{"headers":{"request_id":"r","created":1,"from":"isp","to":["cam-1"]},"body":{"openc2":{"response":{"status":200}}}}',
    );
  });
  test("has no headers rather than empty ones", () => {
    expect(text(encodeResponse({}, { status: 102 }))).toBe('{"body":{"openc2":{"response":{"status":102}}}}');
  });
  test.each<[string, Command, string, string]>([
    ["an update without a digest", { ...update, target: { "x-swup:software": { ...software, hashes: {} } } }, "ERR_OPENC2_EMPTY", "target"],
    ["args of a profile only", { ...update, args: { "x-swup": { spread: 1 } } }, "ERR_OPENC2_MISSING", "args"],
    ["a feature twice", { action: "query", target: { features: ["pairs", "pairs"] } }, "ERR_OPENC2_VALUE", "target.features"],
    ["a time that is no number", { ...update, args: { start_time: Number.NaN } }, "ERR_OPENC2_TYPE", "args.start_time"],
  ])("is refused with %s", (_, command, code, path) => {
    const error = refusal(() => encodeRequest({}, command));
    expect(error.code).toBe(code as OpenC2Error["code"]);
    expect(error.path).toStartWith(`$.body.openc2.request.${path}`);
  });
  test("is refused when it holds half a surrogate pair, or more than 16 KiB", () => {
    const named = (name: string): Command => ({ ...update, target: { file: { name } } });
    expect(refusal(() => encodeRequest({}, named("\ud800"))).code).toBe("ERR_OPENC2_JSON_SURROGATE");
    expect(refusal(() => encodeRequest({}, named("x".repeat(17_000)))).code).toBe("ERR_OPENC2_JSON_SIZE");
  });
});

describe("a message that is received", () => {
  const request = '{"action":"query","target":{"features":["pairs","pairs"]}}';

  test("is the one that was sent", () => {
    const headers = { request_id: "r", created: 1, from: "isp", to: ["cam-1"] };
    const message = parseMessage(encodeRequest(headers, update));
    if (message.kind !== "request") throw new Error("it is a request");
    const sent = { ...update, target: { "x-swup:software": { ...software, hashes: { sha256: sha256.toUpperCase() } } } };
    // By text, because what was read has no prototypes.
    expect(JSON.stringify([message.headers, message.command])).toBe(JSON.stringify([headers, sent]));
  });
  test("may write its status as 200.0, which is 200", () => {
    expect(parseMessage(bytes('{"body":{"openc2":{"response":{"status":200.0}}}}'))).toMatchObject({ response: { status: 200 } });
  });
  test("cannot be changed by who handles it", () => {
    const message = parseMessage(encodeRequest({ created: 1 }, update));
    if (message.kind !== "request") throw new Error("it is a request");
    expect([message, message.headers, message.command, message.command.args].every((part) => Object.isFrozen(part))).toBe(true);
  });
  test.each([
    ["without headers", `{"body":{"openc2":{"request":${request}}}}`],
    ["with a signature of the later draft", `{"body":{"openc2":{"request":${request}}},"signature":"a..b"}`],
    ["with its members in another order and spaced", `{ "body": { "openc2": { "request": ${request} } }, "headers": { "to": ["a"] } }`],
  ])("may come %s, and with a doubled feature", (_, envelope) => {
    expect(parseMessage(bytes(envelope)).kind).toBe("request");
  });
  test.each([
    ["a bare command", request, "ERR_OPENC2_UNKNOWN", "$.action"],
    ["no body", '{"headers":{"from":"a"}}', "ERR_OPENC2_MISSING", "$.body"],
    ["empty headers", `{"headers":{},"body":{"openc2":{"request":${request}}}}`, "ERR_OPENC2_EMPTY", "$.headers"],
    ["nobody in to", `{"headers":{"to":[]},"body":{"openc2":{"request":${request}}}}`, "ERR_OPENC2_VALUE", "$.headers.to"],
    ["a notification", '{"body":{"openc2":{"notification":{}}}}', "ERR_OPENC2_ENVELOPE", "$.body.openc2"],
    ["two contents", `{"body":{"openc2":{"request":${request},"response":{"status":200}}}}`, "ERR_OPENC2_CHOICE", "$.body.openc2"],
    ["a status of HTTP", '{"body":{"openc2":{"response":{"status":204}}}}', "ERR_OPENC2_VALUE", "$.body.openc2.response.status"],
    [
      "a profile's rule broken",
      '{"body":{"openc2":{"request":{"action":"deny","target":{"x-swup:software":{"name":"a"}}}}}}',
      "ERR_OPENC2_UNSUPPORTED",
      "$.body.openc2.request.action",
    ],
  ])("is refused with %s", (_, envelope, code, path) => {
    expect(refusal(() => parseMessage(bytes(envelope)))).toMatchObject({ code, path });
  });
});
