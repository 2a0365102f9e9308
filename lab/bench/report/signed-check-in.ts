/** What a device's signature under its check-in costs: bytes on the channel and on disk, and CPU time to make and to verify it. */
import "reflect-metadata";
import { proofOf } from "../../../src/agent/sign-check-in.ts";
import { type CheckIn, encodeCheckIn } from "../../../src/channel/wire/index.ts";
import type { Device } from "../../../src/fleet/device.ts";
import type { Evidence } from "../../../src/fleet/evidence.ts";
import { StatementCheck } from "../../../src/server/statement-check.ts";
import { statementOf } from "../../../src/trust/check-in.ts";
import { createAuthority, issueDevice } from "../../../src/trust/sign/certificate-authority.ts";
import { round } from "../support/statistics.ts";

const ROUNDS = 2_000;

export async function signedCheckIn(device: Device) {
  const nowMs = Date.now();
  const authority = await createAuthority("devices", { nowMs });
  const { certificatePem: certPem, privateKeyPem: keyPem } = await issueDevice(authority, { id: device.id, nowMs });
  const software = { vendor: device.vendor, name: device.name, version: "2.3.4", hardware: "r1", hashes: { sha256: "AB".repeat(32) } };
  const lastUpdate = { command_id: "wc17_9674309", new_version: "2.3.4", state: "done" } as const;
  const seen = [lastUpdate.command_id];
  const checkIn: CheckIn = { software, boot: 7, slot: "b", trust: { map: 1, directors: { isp: 1 } }, last_update: lastUpdate, seen };
  const text = JSON.stringify(checkIn);
  const prove = () => proofOf(text, { certPem, keyPem });
  const unsigned: Evidence = { kind: "check-in", ordinal: device.ordinal, atMs: nowMs, boot: 7, software, lastUpdate };
  const evidence: Evidence = { ...unsigned, statement: statementOf(text, prove() ?? "") };
  const statements = new StatementCheck(authority.certificatePem);
  const [signMs, verifyMs] = [await cpuMsOf(prove), await cpuMsOf(() => statements.check({ device, evidence: [evidence] }))];
  if (statements.refused > 0) throw new Error("a signature of the bench's own does not fit");
  return {
    channelBytes: { unsigned: encodeCheckIn(checkIn).length, signed: encodeCheckIn(checkIn, prove).length },
    evidenceBytes: { unsigned: JSON.stringify(unsigned).length, signed: JSON.stringify(evidence).length },
    signCpuMs: round(signMs, 3),
    verifyCpuMs: round(verifyMs, 3),
  };
}

async function cpuMsOf(work: () => unknown): Promise<number> {
  const start = process.cpuUsage();
  for (let round = 0; round < ROUNDS; round += 1) await work();
  const { user, system } = process.cpuUsage(start);
  return (user + system) / 1_000 / ROUNDS;
}
