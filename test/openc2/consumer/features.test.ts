/** `query features` with all its special rules (LS 1.0 §4.1), and the rate that it promises. */
import { expect, test } from "bun:test";
import { responseOf, scan, World } from "./world.ts";

const query = (features: readonly string[], more: object = {}) => ({ action: "query", target: { features }, ...more });
const results = async (command: object, world = new World()) => responseOf(await world.send(command)).results;

test("an empty list is a sign of life: 200 and nothing else", async () => {
  expect(responseOf(await new World().send(query([])))).toEqual({ status: 200 });
});

test("each feature is answered from what has a handler, however often it is asked for", async () => {
  expect(await results(query(["versions", "profiles", "pairs", "rate_limit", "pairs"]))).toEqual({
    versions: ["1.0"],
    profiles: ["x-swup", "x-iot", "slpf"],
    pairs: {
      query: ["features", "x-swup:software"],
      cancel: ["command"],
      update: ["x-swup:software"],
      restart: ["device"],
      deny: ["ipv4_net"],
      scan: ["device"],
    },
    rate_limit: 60,
  });
  expect(await results(query(["profiles"]))).toEqual({ profiles: ["x-swup", "x-iot", "slpf"] });
});

test("an actuator asks one profile", async () => {
  expect(await results(query(["profiles", "pairs"], { actuator: { slpf: {} } }))).toEqual({
    profiles: ["slpf"],
    pairs: { query: ["features"], cancel: ["command"], deny: ["ipv4_net"] },
  });
  expect(responseOf(await new World().send(query([], { actuator: { "x-other": {} } }))).status).toBe(501);
});

test("what one asks changes no answer to the next", async () => {
  const world = new World();
  const ask = (features: readonly string[], more?: object) => results(query(features, more), world);
  for (let turn = 0; turn < 2; turn += 1) {
    expect(await ask(["profiles"])).toEqual({ profiles: ["x-swup", "x-iot", "slpf"] });
    expect(await ask(["profiles"], { actuator: { slpf: {} } })).toEqual({ profiles: ["slpf"] });
    expect(await ask(["rate_limit", "versions"])).toEqual({ versions: ["1.0"], rate_limit: 60 });
    expect(await ask([])).toBeUndefined();
  }
});

test("complete is the one argument that may be given", async () => {
  expect(responseOf(await new World().send(query([], { args: { response_requested: "complete" } })))).toEqual({ status: 200 });
});

for (const args of [
  { response_requested: "none" },
  { response_requested: "ack" },
  { response_requested: "status" },
  { start_time: 1 },
  { duration: 1 },
  { response_requested: "complete", stop_time: 9_999_999_999_999 },
  { "x-swup": { not_after: 1 } },
]) {
  test(`with ${JSON.stringify(args)} it is refused with 400, and that is said`, async () => {
    const response = responseOf(await new World().send(query(["versions"], { args })));
    expect(response).toMatchObject({ status: 400, status_text: expect.stringMatching(/^ERR_OPENC2_FEATURES_ARGS .*LS 1\.0 §4\.1/) });
    expect(response.results).toBeUndefined();
  });
}

test("the promised rate is kept: a minute's worth at once, then as it comes back; to each peer its own", async () => {
  const world = new World({ ratePerMinute: 3 });
  const status = async (peer = "isp") => responseOf(await world.send(query([]), { request_id: "r" }, { peer })).status;
  expect([await status(), await status(), await status(), await status()]).toEqual([200, 200, 200, 503]);
  expect(await world.send(scan({ response_requested: "none" }))).toMatchObject({ kind: "silence", status: 503 });
  expect(await status("maker")).toBe(200);
  world.nowMs += 19_999;
  expect(await status()).toBe(503);
  world.nowMs += 2;
  expect([await status(), await status()]).toEqual([200, 503]);
  // A clock that is set back gives nothing, nor does it lock anybody out.
  world.nowMs -= 86_400_000;
  expect(await status()).toBe(503);
  world.nowMs += 20_001;
  expect(await status()).toBe(200);
});
