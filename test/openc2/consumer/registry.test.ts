/** Who answers a command: by pair, by the profile it names, and all together when it names none (oc2ls issue #364). */
import { describe, expect, test } from "bun:test";
import type { HandlerEntry } from "../../../src/openc2/consumer/index.ts";
import { type Profile, profileSet, type Response, slpf, xIot, xSwup } from "../../../src/openc2/index.ts";
import { closedMap, text } from "../../../src/openc2/shape.ts";
import { responseOf, World } from "./world.ts";

const deny = (more: object = {}) => ({ action: "deny", target: { ipv4_net: "10.0.0.0/8" }, ...more });
const ruled: Response = { status: 200, results: { slpf: { rule_number: 7 } } };

function consumer(own: Response | Error, of: Response | Error) {
  const handler = (outcome: Response | Error) => async () => {
    if (outcome instanceof Error) throw outcome;
    return outcome;
  };
  return new World({
    handlers: [
      { action: "deny", target: "ipv4_net", handle: handler(own) },
      { profile: slpf, action: "deny", target: "ipv4_net", handle: handler(of) },
    ],
  });
}

test("all that have the pair act on a command that names no profile, and their results stand side by side", async () => {
  expect(responseOf(await consumer({ status: 200 }, ruled).send(deny()))).toEqual(ruled);
});

describe("the worst status is the whole's, and the text tells the parts", () => {
  for (const [own, of, status, status_text] of [
    [{ status: 404 }, ruled, 404, "openc2: 404; slpf: 200"],
    [{ status: 503, status_text: "busy" }, { status: 500 }, 500, "openc2: 503 busy; slpf: 500"],
    [new Error("secret"), ruled, 500, "openc2: 500 ERR_CONSUMER_FAULT deny ipv4_net failed in this consumer; slpf: 200"],
  ] as const) {
    test(status_text, async () => {
      const response = responseOf(await consumer(own, of).send(deny()));
      expect(response).toEqual({ status, status_text, ...("results" in of && { results: of.results }) });
    });
  }
});

test("an actuator selects one", async () => {
  expect(responseOf(await consumer({ status: 404 }, ruled).send(deny({ actuator: { slpf: {} } })))).toEqual(ruled);
});

test("args of a profile select it", async () => {
  const args = { response_requested: "complete", slpf: { direction: "ingress" } };
  expect(responseOf(await consumer({ status: 404 }, ruled).send(deny({ args })))).toEqual(ruled);
});

describe("what nobody can do is refused with 501", () => {
  for (const [what, command] of [
    ["a pair of the language", { action: "delete", target: { file: { name: "a" } } }],
    ["an unknown profile's target", { action: "update", target: { "x-other:thing": {} } }],
    ["an unknown profile as actuator", deny({ actuator: { "x-other": {} } })],
    ["a known profile that has no such pair", deny({ actuator: { "x-swup": {} } })],
    ["a profile that this consumer does not have", { action: "restart", target: { "x-iot:model": { name: "a" } } }],
  ] as const) {
    test(what, async () => {
      const world = new World({ handlers: consumer({ status: 200 }, ruled).handlers.slice(0, 1) });
      expect(responseOf(await world.send(command)).status).toBe(501);
      expect(await world.send({ ...command, args: { response_requested: "none" } })).toMatchObject({ kind: "silence", status: 501 });
    });
  }
});

test("what was registered twice, in vain, or in place of the consumer's own, is a fault when it is made", () => {
  const handle = async () => ({ status: 200 }) as const;
  const twice: readonly HandlerEntry[] = [
    { action: "deny", target: "uri", handle },
    { action: "deny", target: "uri", handle },
  ];
  expect(() => new World({ handlers: twice })).toThrow("deny uri has a handler already");
  expect(() => new World({ handlers: [{ profile: xSwup, action: "deny", target: "uri", handle }] })).toThrow(
    "x-swup does not know deny uri",
  );
  expect(() => new World({ handlers: [{ profile: xIot, action: "query", target: "features", handle }] })).toThrow("query features");
});

test("a profile of somebody else's making is served like those that come with Edict", async () => {
  const results = closedMap({ colour: text() });
  const profile: Profile = {
    nsid: "x-lamp",
    targets: { bulb: text() },
    results,
    pairs: { set: ["x-lamp:bulb"] },
    matrixClause: "x-lamp §2",
  };
  const handle = async () => ({ status: 200, results: { "x-lamp": { colour: "red" } } }) as const;
  const world = new World({ handlers: [{ profile, action: "set", target: "x-lamp:bulb", handle }] });
  const answer = await world.send({ action: "set", target: { "x-lamp:bulb": "red" } });
  expect(responseOf(answer, profileSet(profile))).toEqual(await handle());
  const features = await world.send({ action: "query", target: { features: ["pairs"] } });
  expect(responseOf(features).results?.pairs).toEqual({ query: ["features"], cancel: ["command"], set: ["x-lamp:bulb"] });
});
