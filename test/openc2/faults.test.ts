/** A message that is refused tells everything that is wrong with it, in its own order and with the place of each. */
import { describe, expect, test } from "bun:test";
import { OpenC2Error, parseCommand, parseMessage } from "../../src/openc2/index.ts";
import { FAULTS_MAX } from "../../src/openc2/limits.ts";

const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

function refusal(act: () => unknown): OpenC2Error {
  try {
    act();
  } catch (error) {
    if (error instanceof OpenC2Error) return error;
    throw error;
  }
  throw new Error("it was accepted");
}
const faultsOf = (act: () => unknown) => refusal(act).all.map(({ code, path }) => `${code} ${path}`);

describe("all faults of a message", () => {
  test("stand in the order of its text, the first being the error itself", () => {
    const command = {
      action: "fly",
      target: { process: { pid: -1, executable: { hashes: { sha256: "ab", sha512: "" } }, parent: {} } },
      args: { start_time: 1, stop_time: 2, duration: "3", response_requested: "perhaps", other: {} },
      surprise: true,
    };
    expect(faultsOf(() => parseCommand(bytes(command)))).toEqual([
      "ERR_OPENC2_ACTION $.action",
      "ERR_OPENC2_VALUE $.target.process.pid",
      "ERR_OPENC2_VALUE $.target.process.executable.hashes.sha256",
      "ERR_OPENC2_UNKNOWN $.target.process.executable.hashes.sha512",
      "ERR_OPENC2_EMPTY $.target.process.parent",
      "ERR_OPENC2_TYPE $.args.duration",
      "ERR_OPENC2_VALUE $.args.response_requested",
      "ERR_OPENC2_UNKNOWN $.args.other",
      "ERR_OPENC2_TIMES $.args",
      "ERR_OPENC2_UNKNOWN $.surprise",
    ]);
  });
  test("each have their clause, OpenC2 status and message", () => {
    const { all } = refusal(() => parseCommand(bytes({ action: "fly", target: { "x-other:thing": 1 } })));
    expect(all.map(({ clause, facts }) => [clause, facts.status])).toEqual([
      ["LS 1.0 §3.3.1.1", 400],
      ["LS 1.0 §3.3.2.1", 501],
    ]);
    expect(all[1]?.message).toBe("$.target.x-other:thing: this target is not supported");
  });
  test("of headers and body come together", () => {
    const message = { headers: { to: [], created: -1 }, body: { openc2: { request: { action: "deny", target: {} } } } };
    expect(faultsOf(() => parseMessage(bytes(message)))).toEqual([
      "ERR_OPENC2_VALUE $.headers.to",
      "ERR_OPENC2_VALUE $.headers.created",
      "ERR_OPENC2_CHOICE $.body.openc2.request.target",
    ]);
  });
  test(`are ${FAULTS_MAX} at most, so that a bad message cannot make a long answer`, () => {
    const target = Object.fromEntries(Array.from({ length: 200 }, (_, index) => [`no${index}`, 1]));
    expect(refusal(() => parseCommand(bytes({ action: "deny", target: { device: target } }))).all).toHaveLength(FAULTS_MAX);
  });
  test("are the one alone where nothing behind it is certain", () => {
    expect(refusal(() => parseCommand(new TextEncoder().encode('{"action":1,"action":2,'))).all).toHaveLength(1);
  });
});
