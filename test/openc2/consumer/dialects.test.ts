/** A peer is answered as it speaks: in its dialect and its serialisation, also when what it sent is refused. */
import { describe, expect, test } from "bun:test";
import { readValue, type Serialisation, serialise } from "../../../src/openc2/serialisation.ts";
import { type Command, type Dialect } from "../../../src/openc2/index.ts";
import { settled, World } from "./world.ts";

const update: Command = {
  action: "update",
  target: {
    "x-swup:software": {
      name: "famousModel",
      new_version: "2.3.4",
      source: "https://a.example/b",
      size: 1,
      hashes: { sha256: "5C2D6DAAF85A710605678F8E7EF0B725B33303F3234197B9DC4B46196734A4F0" },
    },
  },
  args: { response_requested: "ack" },
};
const bytesOf = (dialect: Dialect, serialisation: Serialisation, command = update) =>
  serialise({ kind: "request", headers: { request_id: "r1" }, command }, dialect, serialisation);

for (const dialect of ["D1", "D2", "D3"] as const) {
  for (const serialisation of ["json", "cbor"] as const) {
    for (const spoken of [dialect, "any"] as const) {
      test(`${dialect} in ${serialisation}, ${spoken === "any" ? "found out" : "known"}`, async () => {
        const world = new World();
        const answer = await world.sendBytes(bytesOf(dialect, serialisation), { dialect: spoken, serialisation, requestId: "r1" });
        await settled();
        expect(world.calls[0]?.command.target).toEqual(update.target);
        const value = answer.kind === "message" ? readValue(answer.bytes, serialisation) : null;
        const response = { status: 102 };
        const enveloped = { headers: { request_id: "r1", created: world.nowMs, from: "cam-7" }, body: { openc2: { response } } };
        expect(value).toEqual(dialect === "D1" ? response : enveloped);
      });
    }
  }
}

describe("none is heard", () => {
  for (const dialect of ["D1", "D2", "D3"] as const) {
    test(`in a ${dialect} message that is refused`, async () => {
      const bytes = new TextEncoder().encode(
        new TextDecoder().decode(bytesOf(dialect, "json")).replace("update", "delete").replace("ack", "none"),
      );
      expect(await new World().sendBytes(bytes, { requestId: "r1" })).toEqual({ kind: "silence", status: 501, requestId: "r1" });
    });
  }
});

test("what is neither is answered in D2, or in the dialect that the peer is known for", async () => {
  for (const [dialect, isBare] of [
    ["any", false],
    ["D1", true],
  ] as const) {
    const answer = await new World().sendBytes(new TextEncoder().encode("{"), { dialect });
    const value = answer.kind === "message" ? readValue(answer.bytes, "json") : null;
    expect([answer.status, Object.hasOwn(value as object, "status")]).toEqual([400, isBare]);
  }
});
