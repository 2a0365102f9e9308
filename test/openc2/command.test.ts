/** What errors say, what a mass command must say, and what query features answers. */
import { describe, expect, test } from "bun:test";
import {
  checkMassCommand,
  type Command,
  featuresResults,
  OpenC2Error,
  parseCommand,
  PROFILES,
  profileSet,
  validateResponse,
  xSwup,
} from "../../src/openc2/index.ts";

function refusal(act: () => unknown): OpenC2Error {
  try {
    act();
  } catch (error) {
    if (error instanceof OpenC2Error) return error;
    throw error;
  }
  throw new Error("it was accepted");
}
const parse = (value: unknown) => parseCommand(new TextEncoder().encode(JSON.stringify(value)));

describe("an error", () => {
  test.each([
    [{ action: "deny", target: { process: { pid: -1 } } }, "LS 1.0 §3.4.1.15", 400],
    [{ action: "deny", target: { command: "a" }, args: { start_time: "now" } }, "LS 1.0 §3.3.1.4", 400],
    [{ action: "fly", target: { command: "a" } }, "LS 1.0 §3.3.1.1", 400],
    [{ action: "query", target: { features: [] }, args: { start_time: 1 } }, "LS 1.0 §4.1", 400],
    [{ action: "query", target: { "x-swup:software": {} } }, "x-swup §3", 400],
    [{ action: "query", target: { "x-other:thing": {} } }, "LS 1.0 §3.3.2.1", 501],
  ])("of %j names its clause and its OpenC2 status", (command, clause, status) => {
    const error = refusal(() => parse(command));
    expect([error.clause, error.facts.status]).toEqual([clause, status as 400]);
  });
  test("shows a stranger's name cut and escaped, so that it cannot act on a log or a terminal", () => {
    const error = refusal(() => parse({ action: "deny", target: { command: "a" }, [`\u001b[2J\u202e${"x".repeat(5_000)}`]: 1 }));
    expect(error.path).toBe(`$["\\u001b[2J\\u202e${"x".repeat(27)}"]`);
    expect(error.message).toMatch(/^[\x20-\x7e]{1,160}$/);
    const wide = refusal(() => parse({ action: "deny", target: { command: "a" }, ["\u{10000}".repeat(5_000)]: 1 }));
    expect(wide.message).toMatch(/^[\x20-\x7e]{1,300}$/);
  });
});

describe("hostile text", () => {
  test("with a domain name of a hundred labels is refused at once, not after minutes of trying to split it", () => {
    const startedMs = performance.now();
    refusal(() => parse({ action: "deny", target: { idn_domain_name: `${"a。".repeat(100)}@` } }));
    refusal(() => parse({ action: "deny", target: { domain_name: `${"a.".repeat(100)}@` } }));
    refusal(() => parse({ action: "deny", target: { email_addr: `${"a".repeat(8_000)}@${"b".repeat(8_000)}!` } }));
    expect(performance.now() - startedMs).toBeLessThan(50);
  });
});

describe("a command to many devices", () => {
  const safe: Command = {
    action: "cancel",
    target: { command: "a" },
    args: { response_requested: "none", "x-swup": { not_after: 1 } },
    command_id: "b",
  };
  test("passes when it says whether they answer, until when it holds and which it is", () => {
    expect(() => checkMassCommand(safe)).not.toThrow();
  });
  test.each<[string, Command, string]>([
    ["answers", { ...safe, args: { "x-swup": { not_after: 1 } } }, "$.args.response_requested"],
    ["expiry", { ...safe, args: { response_requested: "none", "x-swup": { spread: 1 } } }, "$.args.x-swup.not_after"],
    ["its profile, and so its expiry", { ...safe, args: { response_requested: "none" } }, "$.args"],
    ["its id", { action: "cancel", target: { command: "a" }, args: safe.args ?? {} }, "$.command_id"],
    ["its id but in name", { ...safe, command_id: "" }, "$.command_id"],
    ["anything", { action: "cancel", target: { command: "a" } }, "$.args.response_requested"],
  ])("is refused when it leaves open %s", (_, command, path) => {
    expect(refusal(() => checkMassCommand(command))).toMatchObject({ code: "ERR_OPENC2_UNSAFE", path });
  });
});

describe("query features", () => {
  test("is answered with what was asked, each once, and valid", () => {
    const results = featuresResults(["pairs", "versions", "profiles", "versions"], profileSet(xSwup));
    expect(results).toEqual({
      versions: ["1.0"],
      profiles: ["x-swup"],
      pairs: { query: ["features", "x-swup:software"], update: ["x-swup:software"], cancel: ["command"] },
    });
    expect(() => validateResponse({ status: 200, results: JSON.parse(JSON.stringify(results)) })).not.toThrow();
  });
  test("for nothing is answered with nothing but the status", () => {
    expect(featuresResults([], PROFILES)).toBeUndefined();
  });
});
