/** What a trial consumer shows of what strangers send, and what its pretended device answers. */
import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { TrialDevice } from "../../src/cli/openc2/trial-device.ts";
import { toldConsumer } from "../../src/cli/openc2/told-consumer.ts";
import { type Answer, makeConsumer, MemoryStore } from "../../src/openc2/consumer/index.ts";
import { encodeCbor, encodeRequest, parseMessage } from "../../src/openc2/index.ts";

const folder = mkdtempSync(join(tmpdir(), "edict-trial-"));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function trial(name: string) {
  const said: string[] = [];
  const say = (text: string) => void said.push(text);
  const { handlers } = new TrialDevice(join(folder, name), say);
  const clock = { nowMs: Date.now };
  const consumer = makeConsumer({ names: ["c"], handlers, store: new MemoryStore(), clock, authorise: () => 200 });
  return { said, consumer: toldConsumer(consumer, say) };
}

const deliver = (bytes: Uint8Array) => ({ bytes, serialisation: "json", dialect: "any", peer: "p" }) as const;
const responseOf = (answer: Answer) => {
  const message = answer.kind === "message" ? parseMessage(answer.bytes) : undefined;
  return message?.kind === "response" ? message.response : undefined;
};

describe("hardening: a trial consumer's terminal", () => {
  test.each([
    ["an escape sequence in what is no JSON", "\u001b[2J\u0007{", "\\u{1b}[2J\\u{7}{"],
    [
      "an escape sequence in a command id",
      JSON.stringify({ action: "scan", target: { command: "a" }, command_id: "\u001b[2J" }),
      "\\u{1b}",
    ],
    ["text that runs backwards", JSON.stringify({ action: "\u202edeny" }), "\\u{202e}deny"],
    ["a control character of eight bits", JSON.stringify({ action: "\u009b31m" }), "\\u{9b}31m"],
  ])("shows %s in plain characters", async (_, text, shown) => {
    const { said, consumer } = trial("none.json");
    await consumer.receive(deliver(new TextEncoder().encode(text)));
    const all = said.join("\n");
    expect(all).toContain(shown);
    expect(all).not.toMatch(/(?!\n)[\p{Cc}\p{Cf}]/u);
  });
});

describe("a trial device", () => {
  const software = { vendor: "famousMaker", name: "famousModel" };
  const update = (version: string, more = {}) => {
    const target = {
      ...software,
      new_version: version,
      source: "https://a.example/b",
      size: 1,
      hashes: { sha256: "00".repeat(32) },
      ...more,
    };
    return encodeRequest(
      {},
      { action: "update", target: { "x-swup:software": target }, args: { response_requested: "complete" }, command_id: version },
    );
  };
  const query = (target: object) => encodeRequest({}, { action: "query", target: { "x-swup:software": { ...target } } });

  test("has the version that it was told to install, also after a restart, and knows no other software", async () => {
    const { said, consumer } = trial("device.json");
    expect(responseOf(await consumer.receive(deliver(query(software))))).toMatchObject({ status: 404 });
    expect(responseOf(await consumer.receive(deliver(update("2.3.4"))))).toMatchObject({ status: 200 });
    expect(said.join("\n")).toContain("would now install famousMaker famousModel 2.3.4");
    const again = trial("device.json").consumer;
    expect(responseOf(await again.receive(deliver(query(software))))).toMatchObject({
      status: 200,
      results: { "x-swup": { software: { ...software, version: "2.3.4" }, last_update: { command_id: "2.3.4", state: "done" } } },
    });
    expect(responseOf(await again.receive(deliver(query({ name: "other" }))))).toMatchObject({ status: 404 });
    expect(responseOf(await again.receive(deliver(update("3", { old_version: "1" }))))).toMatchObject({ status: 404 });
  });
});

test("CBOR is shown as JSON", async () => {
  const { said, consumer } = trial("none.json");
  await consumer.receive({ ...deliver(encodeCbor(JSON.parse('{"action":"query"}'))), serialisation: "cbor" });
  expect(said[0]).toContain('"action": "query"');
});
