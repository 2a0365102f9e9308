/**
 * `npm run bench:check-in`: what a device's signature under its check-in costs, beside one without: bytes on the channel and on disk, and CPU time to
 * write, to sign, to read as a gateway does, and to verify as a report with --check-signatures does. `ok`: a gateway does not verify, so a
 * signed check-in costs it at most RATIO_MAX times an unsigned one.
 */
import "reflect-metadata";
import { proofOf } from "../../src/agent/sign-check-in.ts";
import { type CheckIn, encodeCheckIn, parseUpward } from "../../src/channel/wire/index.ts";
import type { Evidence } from "../../src/fleet/evidence.ts";
import { StatementCheck } from "../../src/server/statement-check.ts";
import { statementOf } from "../../src/trust/check-in.ts";
import { createAuthority, issueDevice } from "../../src/trust/sign/certificate-authority.ts";
import { devicesOf } from "./report/evidence.ts";
import { benchProgram } from "./support/bench-program.ts";
import { machine } from "./support/machine.ts";
import { median, round } from "./support/statistics.ts";

const WORK = 2_000;
const ROUNDS = 5;
/** Its text is read once more, and a thousand bytes of base64 are copied. */
const RATIO_MAX = 4;

const { json } = benchProgram("check-in", "What a device's signature under its check-in costs, beside one without.")
  .parse()
  .opts<{ json: boolean }>();
const begun = machine();
const nowMs = Date.now();
const [device] = devicesOf(1);
if (device === undefined) throw new Error("there is no device");
const authority = await createAuthority("devices", { nowMs });
const { certificatePem: certPem, privateKeyPem: keyPem } = await issueDevice(authority, { id: device.id, nowMs });
const software = { vendor: device.vendor, name: device.name, version: "2.3.4", hardware: "r1", hashes: { sha256: "AB".repeat(32) } };
const lastUpdate = { command_id: "wc17_9674309", new_version: "2.3.4", state: "done" } as const;
const checkIn: CheckIn = {
  software,
  boot: 7,
  slot: "b",
  trust: { map: 1, directors: { isp: 1 } },
  last_update: lastUpdate,
  seen: [lastUpdate.command_id],
};
const text = JSON.stringify(checkIn);
const prove = (given: string) => proofOf(given, { certPem, keyPem });
const [unsigned, signed] = [encodeCheckIn(checkIn), encodeCheckIn(checkIn, prove)];
const said: Evidence = { kind: "check-in", ordinal: device.ordinal, atMs: nowMs, boot: 7, software, lastUpdate };
const signedSaid: Evidence = { ...said, statement: statementOf(text, prove(text) ?? "") };
const statements = new StatementCheck(authority.certificatePem);

const [readUnsigned, readSigned]: [number[], number[]] = [[], []];
for (let turn = 0; turn < ROUNDS; turn += 1) {
  readUnsigned.push(await cpuUsOf(() => parseUpward(unsigned)));
  readSigned.push(await cpuUsOf(() => parseUpward(signed)));
}
const gatewayCpuUs = { unsigned: round(median(readUnsigned), 1), signed: round(median(readSigned), 1) };
const signCpuUs = round(await cpuUsOf(() => prove(text)), 0);
const verifyCpuUs = round(await cpuUsOf(() => statements.check({ device, evidence: [signedSaid] })), 0);
if (statements.refused > 0) throw new Error("a signature of the bench's own does not fit");
const ratio = round(gatewayCpuUs.signed / gatewayCpuUs.unsigned, 2);
const result = {
  bench: "check-in",
  machine: begun,
  channelBytes: { unsigned: unsigned.length, signed: signed.length },
  evidenceBytes: { unsigned: JSON.stringify(said).length, signed: JSON.stringify(signedSaid).length },
  gatewayCpuUs,
  signedTimesAsMuch: ratio,
  signCpuUs,
  verifyCpuUs,
  ok: ratio <= RATIO_MAX,
};
console.log(JSON.stringify(result, undefined, json ? 1 : 0));

/** Microseconds of CPU time for one. */
async function cpuUsOf(work: () => unknown): Promise<number> {
  const start = process.cpuUsage();
  for (let done = 0; done < WORK; done += 1) await work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / WORK;
}
