/** Whether what a device said was said by it: signatures held against the authority, the device, the time, and the evidence beside them. */
import { expect, test } from "bun:test";
import { proofOf } from "../../src/agent/sign-check-in.ts";
import type { Device } from "../../src/fleet/device.ts";
import type { Evidence } from "../../src/fleet/evidence.ts";
import { StatementCheck } from "../../src/server/statement-check.ts";
import { statementOf } from "../../src/trust/check-in.ts";
import { type Authority, createAuthority, issueDevice } from "../../src/trust/sign/certificate-authority.ts";
import { sample } from "../after-action/sample.ts";

const NOW_MS = Date.UTC(2026, 2, 1);
const DAY_MS = 86_400_000;
const authority = await createAuthority("devices", { nowMs: NOW_MS });
const [device] = sample(1).targets as [Device];
const SAID = { software: { vendor: "famousMaker", name: "famousModel", version: "2.3.4" }, boot: 7 };

interface Change {
  readonly by?: Authority;
  readonly id?: string;
  readonly evidence?: object;
}

async function checkInOf({ by = authority, id = device.id, evidence = {} }: Change): Promise<Evidence> {
  const { certificatePem: certPem, privateKeyPem: keyPem } = await issueDevice(by, { id, nowMs: NOW_MS, validDays: 30 });
  const text = JSON.stringify({ ...SAID, slot: "a", seen: [] });
  const statement = statementOf(text, proofOf(text, { certPem, keyPem }) ?? "");
  return { kind: "check-in", ordinal: 0, atMs: NOW_MS + DAY_MS, ...SAID, statement, ...evidence } as Evidence;
}

/** Whether the evidence keeps its statement, and how many were refused. */
async function check(item: Evidence): Promise<readonly [boolean, number]> {
  const statements = new StatementCheck(authority.certificatePem);
  const [checked] = (await statements.check({ device, evidence: [item] })).evidence;
  return [checked !== undefined && "statement" in checked, statements.refused];
}

test("a check-in that the device signed stays signed", async () => {
  expect(await check(await checkInOf({}))).toEqual([true, 0]);
});

test("one without a signature stays as it is, and is not counted", async () => {
  const { statement: _, ...unsigned } = (await checkInOf({})) as Extract<Evidence, { readonly kind: "check-in" }>;
  expect(await check(unsigned)).toEqual([false, 0]);
});

test.each<[string, Change]>([
  ["another device's signature", { id: "urn:dev:ops:32473-cam-other" }],
  ["a certificate of another authority", { by: await createAuthority("devices", { nowMs: NOW_MS }) }],
  ["evidence that says another version", { evidence: { software: { ...SAID.software, version: "2.3.5" } } }],
  ["evidence that says another start", { evidence: { boot: 8 } }],
  [
    "evidence of an update that the device did not name",
    { evidence: { lastUpdate: { command_id: "c", new_version: "2.3.4", state: "done" } } },
  ],
  ["evidence of a stop that the device did not name", { evidence: { lastCommand: { command_id: "c", action: "stop", state: "done" } } }],
  ["a certificate that had ended when it was said", { evidence: { atMs: NOW_MS + 31 * DAY_MS } }],
  ["no statement at all", { evidence: { statement: "" } }],
  ["a statement that is none", { evidence: { statement: "a.b.c" } }],
])("with %s the words count as said over the channel, and the signature as refused", async (_, change) => {
  expect(await check(await checkInOf(change))).toEqual([false, 1]);
});
