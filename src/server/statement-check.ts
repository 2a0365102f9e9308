/**
 * Whether what a device said was said by it: the signature of each signed check-in, its certificate at that time, and that the evidence
 * says what the statement says. Needs the authority and nothing else, so it is the same on a server and offline.
 */
import { X509Certificate } from "node:crypto";
import type { DeviceCase, StatementChecker } from "../after-action/index.ts";
import { identityOf, readAuthorities } from "../channel/gateway/peer-identity.ts";
import type { Evidence } from "../fleet/evidence.ts";
import { verifyCheckIn } from "../trust/verify/check-in.ts";

type CheckInEvidence = Extract<Evidence, { readonly kind: "check-in" }>;

export class StatementCheck implements StatementChecker {
  readonly #authorities: readonly X509Certificate[];
  #refused = 0;

  constructor(authorityPem: string) {
    this.#authorities = readAuthorities(authorityPem);
  }

  get refused(): number {
    return this.#refused;
  }

  async check({ device, evidence }: DeviceCase): Promise<DeviceCase> {
    const checked: Evidence[] = [];
    for (const item of evidence) checked.push(item.kind === "check-in" ? await this.#checked(item, device.id) : item);
    return { device, evidence: checked };
  }

  async #checked(item: CheckInEvidence, deviceId: string): Promise<Evidence> {
    const { statement, ...unsigned } = item;
    if (statement === undefined || (await this.#holds(item, statement, deviceId))) return item;
    this.#refused += 1;
    return unsigned;
  }

  async #holds(item: CheckInEvidence, statement: string, deviceId: string): Promise<boolean> {
    try {
      const { certificatePem, checkIn } = await verifyCheckIn(statement);
      if (identityOf(new X509Certificate(certificatePem), this.#authorities, item.atMs) !== deviceId) return false;
      const { boot, software, last_update: lastUpdate, last_command: lastCommand } = checkIn;
      return Bun.deepEquals([boot, software, lastUpdate, lastCommand], [item.boot, item.software, item.lastUpdate, item.lastCommand]);
    } catch {
      // Whatever is wrong with it, and a certificate that the runtime cannot read at all is a TypeError: it proves nothing.
      return false;
    }
  }
}
