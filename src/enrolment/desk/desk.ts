/**
 * The manager's side of enrolment: it knows who each factory identity is, decides, records what was issued, and keeps what waits
 * for a person. It holds no key: the issuing process (est/) asks it, and certifies.
 */
import { X509Certificate } from "node:crypto";
import type { Claim, Decision, Expected, WaitingRequest } from "../claim.ts";
import { EnrolmentError } from "../errors.ts";
import { WAITING_PER_DEVICE_MAX } from "../limits.ts";
import { decide, type IdentityRecord } from "./decide.ts";
import type { EnrolmentStore } from "./store.ts";

/** A line for the ledger. */
export interface EnrolmentAct {
  readonly atMs: number;
  readonly actor: string;
  readonly act: string;
  readonly detail: { readonly [name: string]: string };
}

export interface DeskPorts {
  readonly store: EnrolmentStore;
  /** The tenant's own device, or undefined. */
  readonly deviceOf: (id: string) => { readonly vendor: string } | undefined;
  /** On the deny list, or in quarantine. */
  readonly isDenied: (id: string) => Promise<boolean>;
  /** Called within the transaction of the store. */
  readonly onAct: (act: EnrolmentAct) => void;
  readonly nowMs: () => number;
}

const ISSUER = "enrolment";

export class EnrolmentDesk {
  readonly #ports: DeskPorts;

  constructor(ports: DeskPorts) {
    this.#ports = ports;
  }

  /** All or nothing. Throws ERR_ENROLMENT_NOT_FOUND for an id that is no device of this tenant, and ERR_ENROLMENT_EXPECTED. */
  expect(devices: readonly Expected[], person: string): { readonly expected: number } {
    const { store, onAct, nowMs } = this.#ports;
    store.atomically(() => {
      for (const expected of devices) {
        const { id, vendor, serial } = expected;
        if (this.#ports.deviceOf(id)?.vendor !== vendor)
          throw new EnrolmentError("ERR_ENROLMENT_NOT_FOUND", `there is no device "${id}" of "${vendor}": import it first`);
        if (!store.expect(expected))
          throw new EnrolmentError("ERR_ENROLMENT_EXPECTED", `${id} or ${vendor}'s ${serial} is bound otherwise`);
      }
      onAct({ atMs: nowMs(), actor: person, act: "enrolment.expected", detail: { devices: String(devices.length) } });
    });
    return { expected: devices.length };
  }

  /** Throws what `decide` throws. What waits is kept for a person. */
  async claim(claim: Claim): Promise<Decision> {
    const isDenied = await this.#isDenied(claim);
    return this.#ports.store.atomically(() => {
      const decision = this.#decide(claim, isDenied);
      if (decision.kind === "wait") this.#keepWaiting(claim.keySha256, decision);
      return decision;
    });
  }

  /** After the certificate (base64 DER) was made. Decides again: of two claims at the same time one wins. */
  async issued(claim: Claim, certificate: string): Promise<Decision> {
    const { store, onAct, nowMs } = this.#ports;
    const isDenied = await this.#isDenied(claim);
    const { validFrom, validTo } = new X509Certificate(Buffer.from(certificate, "base64"));
    return store.atomically(() => {
      const decision = this.#decide(claim, isDenied);
      if (decision.kind !== "issue") return decision;
      const { id } = decision;
      store.putCertificate(id, claim.keySha256, { der: certificate, notBeforeMs: Date.parse(validFrom), notAfterMs: Date.parse(validTo) });
      store.forget(id, claim.keySha256);
      const act = claim.peer.kind === "factory" ? "device.enrolled" : "device.renewed";
      onAct({ atMs: nowMs(), actor: ISSUER, act, detail: { device: id, key: claim.keySha256, until: validTo } });
      return { kind: "again", id, certificate };
    });
  }

  waiting(): readonly WaitingRequest[] {
    return this.#ports.store.waiting();
  }

  /** Throws ERR_ENROLMENT_NOT_FOUND. */
  answer(request: string, word: "admitted" | "refused", person: string): WaitingRequest {
    const { store, onAct, nowMs } = this.#ports;
    return store.atomically(() => {
      const answered = store.answer(request, word);
      if (answered === undefined) throw new EnrolmentError("ERR_ENROLMENT_NOT_FOUND", `no request "${request}" waits`);
      onAct({ atMs: nowMs(), actor: person, act: `enrolment.${word}`, detail: { device: answered.id, request } });
      return answered;
    });
  }

  #decide(claim: Claim, isDenied: boolean): Decision {
    const { store, nowMs } = this.#ports;
    const record = this.#recordOf(claim);
    const word = record && store.word(record.id, claim.keySha256);
    return decide(claim, { record, isDenied, keyOwner: store.keyOwner(claim.keySha256), word, nowMs: nowMs() });
  }

  /** Devices that were enrolled by hand have no record before their first renewal; the fleet knows them. */
  #recordOf({ peer }: Claim): IdentityRecord | undefined {
    const { store, deviceOf } = this.#ports;
    const record = peer.kind === "factory" ? store.byFactory(peer.vendor, peer.serial) : (store.byId(peer.id) ?? { id: peer.id });
    return record !== undefined && deviceOf(record.id) !== undefined ? record : undefined;
  }

  async #isDenied(claim: Claim): Promise<boolean> {
    const record = this.#recordOf(claim);
    return record !== undefined && (await this.#ports.isDenied(record.id));
  }

  #keepWaiting(keySha256: string, { id, reason }: Extract<Decision, { kind: "wait" }>): void {
    const { store, onAct, nowMs } = this.#ports;
    if (store.waiting().filter((waiting) => waiting.id === id).length >= WAITING_PER_DEVICE_MAX) return;
    const atMs = nowMs();
    const request = keySha256.slice(0, 16);
    if (store.putWaiting({ request, id, keySha256, reason, atMs }))
      onAct({ atMs, actor: ISSUER, act: "enrolment.waiting", detail: { device: id, request, reason } });
  }
}
