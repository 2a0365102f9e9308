/** A ledger that is whole, and every way to tamper with one (SAFETY, abuse case 13). */
import { describe, expect, test } from "bun:test";
import { chain, LEDGER_START, verifyLedger } from "../../src/campaign/ledger.ts";
import { fromLedgerLines, toLedgerLine } from "../../src/campaign/ledger-lines.ts";
import type { LedgerEntry } from "../../src/campaign/ports.ts";
import { T0 } from "./world.ts";

function ledgerOf(count: number): LedgerEntry[] {
  const entries: LedgerEntry[] = [];
  for (let index = 0; index < count; index++) {
    const act = {
      atMs: T0 + index,
      actor: "author@isp.example",
      act: "order.sent",
      campaignId: "wc17",
      detail: { wave: index, message: "mass" },
    };
    entries.push(chain(entries.at(-1), act));
  }
  return entries;
}
const headOf = (entries: readonly LedgerEntry[]) => ({ seq: entries.at(-1)!.seq, hash: entries.at(-1)!.hash });

describe("an untouched ledger", () => {
  test("verifies, and names its head", () => {
    const entries = ledgerOf(5);
    expect(verifyLedger(entries, [headOf(entries)])).toEqual({ ok: true, head: headOf(entries) });
    expect(entries[0]?.previous).toBe(LEDGER_START);
  });

  test("verifies when it has grown beyond the head that was noted", () => {
    const entries = ledgerOf(5);
    expect(verifyLedger(entries, [headOf(entries.slice(0, 3))]).ok).toBe(true);
  });

  test("may be empty", () => {
    expect(verifyLedger([])).toEqual({ ok: true, head: undefined });
  });

  test("has the same hash whatever the order in which details are named", () => {
    const act = { atMs: T0, actor: "a", act: "b" };
    expect(chain(undefined, { ...act, detail: { x: 1, y: "2" } }).hash).toBe(chain(undefined, { ...act, detail: { y: "2", x: 1 } }).hash);
  });

  test("has the hash that anybody can compute from the documented form", () => {
    const entry = chain(undefined, { atMs: 1, actor: "a", act: "b", detail: { y: 2, x: null } });
    const canonical = `[1,"${"0".repeat(64)}",1,"a","b",null,[["x",null],["y",2]]]`;
    expect(entry.hash).toBe(new Bun.CryptoHasher("sha256").update(canonical).digest("hex"));
  });

  test("survives export and import", () => {
    const entries = ledgerOf(5);
    const text = entries.map((entry) => `${toLedgerLine(entry)}\n`).join("");
    expect([...fromLedgerLines(text)]).toEqual(entries);
  });
});

describe("tampering", () => {
  test("a deleted line is missing, wherever it stood", () => {
    for (const seq of [1, 3]) {
      const check = verifyLedger(ledgerOf(5).filter((entry) => entry.seq !== seq));
      expect(check).toMatchObject({ ok: false, seq, problem: "missing" });
    }
  });

  test.each(["atMs", "actor", "act", "campaignId", "detail", "previous", "hash"] as const)("an edited %s is found", (member) => {
    const entries = ledgerOf(5);
    const other = { atMs: 1, actor: "x", act: "x", campaignId: "x", detail: { wave: 9 }, previous: "f".repeat(64), hash: "f".repeat(64) };
    entries[2] = { ...entries[2]!, [member]: other[member] };
    expect(verifyLedger(entries)).toMatchObject({ ok: false, seq: 3, problem: "edited" });
  });

  test("an edited line with a hash made to fit is found by the line after it", () => {
    const entries = ledgerOf(5);
    entries[2] = chain(entries[1], { ...entries[2]!, actor: "somebody else" });
    expect(verifyLedger(entries)).toMatchObject({ ok: false, seq: 3, problem: "edited" });
  });

  test("swapped lines are found", () => {
    const [a, b, c, d, e] = ledgerOf(5);
    expect(verifyLedger([a!, c!, b!, d!, e!])).toMatchObject({ ok: false, seq: 2 });
    expect(verifyLedger([a!, b!, a!, c!])).toMatchObject({ ok: false, seq: 1, problem: "moved" });
  });

  test("a cut-off end is found with the head, and only with it", () => {
    const entries = ledgerOf(5);
    expect(verifyLedger(entries.slice(0, 3)).ok).toBe(true);
    expect(verifyLedger(entries.slice(0, 3), [headOf(entries)])).toMatchObject({ ok: false, seq: 4, problem: "truncated" });
    expect(verifyLedger([], [headOf(entries)])).toMatchObject({ ok: false, seq: 1, problem: "truncated" });
  });

  test("a ledger written anew from some line on is found with the head", () => {
    const entries = ledgerOf(5);
    const anew = entries.slice(0, 4);
    anew.push(chain(anew[3], { atMs: T0, actor: "x", act: "x" }));
    expect(verifyLedger(anew).ok).toBe(true);
    expect(verifyLedger(anew, [headOf(entries)])).toMatchObject({ ok: false, seq: 5, problem: "edited" });
  });

  test.each([
    ["no JSON", "{"],
    ["no object", "[]"],
    ["a member that no hash covers", JSON.stringify({ ...ledgerOf(1)[0], note: "approved" })],
    ["a missing member", JSON.stringify({ ...ledgerOf(1)[0], hash: undefined })],
    ["a number as text", JSON.stringify({ ...ledgerOf(1)[0], seq: "1" })],
    ["details that are a list", JSON.stringify({ ...ledgerOf(1)[0], detail: ["x"] })],
    ["details in details", JSON.stringify({ ...ledgerOf(1)[0], detail: { x: { y: 1 } } })],
    ["a line without end", "x".repeat(70_000)],
  ])("a line with %s is refused by its number", (_, line) => {
    const read = () => [...fromLedgerLines(`${toLedgerLine(ledgerOf(1)[0]!)}\n\n${line}\n`)];
    expect(read).toThrow(expect.objectContaining({ code: "ERR_CAMPAIGN_LEDGER_LINE", message: expect.stringContaining("line 3 ") }));
  });
});
