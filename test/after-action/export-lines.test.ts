/** Lines of an export: read back as they were written, and refused with their place when they were not. */
import { describe, expect, test } from "bun:test";
import {
  campaignOf as readCampaign,
  cohortOf,
  deviceOf,
  evidenceOf,
  EXPORT_PARTS,
  EXPORT_SCHEMA,
  manifestOf,
  orderOf,
  toLine,
} from "../../src/after-action/export-lines.ts";
import { campaignOf, sample } from "./sample.ts";
import { lastCommand, stopAnswer, stopCheckIn } from "./stop-world.ts";
import { answer, bareAnswer, checkIn, connected, DEVICE, fetched, gone, last, PATCHED, refused, sent, T0 } from "./world.ts";

const unasked = { kind: "unasked", ordinal: DEVICE, atMs: T0, commandId: "c", bytes: 3 } as const;

test("every kind of evidence comes back as it was", () => {
  const signed = { ...checkIn(1, { ...PATCHED, last: last("failed", "ERR_X") }), statement: "a.b.c" };
  for (const item of [
    sent(1),
    connected(1),
    gone(1),
    refused(1, "ERR"),
    signed,
    checkIn(2),
    answer(1),
    bareAnswer(1, 403),
    stopAnswer(1, { processes: 3, last: lastCommand("failed", "ERR_X") }),
    stopCheckIn(1, lastCommand("done")),
    fetched(1),
    unasked,
  ])
    expect(evidenceOf(toLine(item), 1)).toEqual(item);
});

test("so do a campaign, its devices, its orders and its cohort", () => {
  const campaign = campaignOf(12);
  expect(toLine(readCampaign(toLine(campaign)))).toBe(toLine(campaign));
  for (const device of sample(3).targets) expect(deviceOf(toLine(device), 1)).toEqual(device);
  const order = { wave: 1, message: "mass", atMs: T0, sent: 11 } as const;
  expect(orderOf(toLine(order), 1)).toEqual(order);
  expect(cohortOf(toLine({ base64: "AAEC" }))).toEqual(Uint8Array.of(0, 1, 2));
});

describe("refused with the place", () => {
  const refuse = (read: () => unknown, place: string) =>
    expect(read).toThrow(expect.objectContaining({ code: "ERR_AFTER_ACTION_EXPORT", message: expect.stringContaining(place) }));

  test("what is not JSON", () => refuse(() => evidenceOf("{", 17), "line 17 of evidence is not JSON"));
  test("a kind of evidence that there is not", () =>
    refuse(() => evidenceOf(toLine({ ...sent(1), kind: "seen" }), 3), "line 3 of evidence: $.kind"));
  test("a member that such evidence has not", () => refuse(() => evidenceOf(toLine({ ...sent(1), extra: 1 }), 3), "extra"));
  test("an ordinal that no device has", () => {
    for (const ordinal of [-1, 0.5, 2 ** 32, "7"]) refuse(() => evidenceOf(toLine({ ...connected(1), ordinal }), 2), "$.ordinal");
  });
  test("a campaign of which a report could not be made", () => {
    for (const name of ["waves", "commandIds", "request", "command", "permit", "state", "signed"])
      refuse(() => readCampaign(toLine({ ...campaignOf(1), [name]: undefined })), `the campaign: $.${name}`);
    refuse(
      () => readCampaign(toLine({ ...campaignOf(1), permit: { ...campaignOf(1).permit, halt: {} } })),
      "$.permit.halt.failed_share_max",
    );
  });
  test("a list of another schema, or without one of the parts", () => {
    const files = Object.fromEntries(EXPORT_PARTS.map((part) => [part, { sha256: "00", bytes: 1 }]));
    const list = { schema: EXPORT_SCHEMA, campaignId: "c", exportedMs: T0, files };
    expect(manifestOf(toLine(list)).campaignId).toBe("c");
    refuse(() => manifestOf(toLine({ ...list, schema: "edict.export/2" })), "$.schema");
    refuse(() => manifestOf(toLine({ ...list, files: { ...files, ledger: undefined } })), "$.files.ledger");
  });
});
