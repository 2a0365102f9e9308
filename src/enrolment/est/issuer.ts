/**
 * The one place where the device authority's key is used over the network: it checks the request, asks the manager who the device
 * is and whether it may, certifies, and has it recorded before the device hears of it.
 */
import type { X509Certificate } from "node:crypto";
import type { Clock } from "../../trust/clock.ts";
import { type Authority, certifyDevice } from "../../trust/sign/certificate-authority.ts";
import { readAuthorities } from "../../channel/gateway/peer-identity.ts";
import type { Claim, Decision, EnrolmentPeer } from "../claim.ts";
import { EnrolmentError } from "../errors.ts";
import { checkNames, readRequest } from "./certificate-request.ts";
import { Pace } from "./pace.ts";
import { type Factory, factoryPeer, operationalPeer } from "./peer.ts";

/** The manager's side, over the management API. Throws what the desk throws. */
export interface DeskPort {
  claim(claim: Claim): Promise<Decision>;
  issued(claim: Claim, certificate: string): Promise<Decision>;
}

export interface IssuerOptions {
  readonly authority: Authority;
  readonly factories: readonly Factory[];
  readonly desk: DeskPort;
  readonly clock: Clock;
  readonly validDays?: number;
}

/** RFC 7030 §4.2.1 and §4.2.2. */
export type Operation = "enrol" | "renew";

export type Outcome = { readonly kind: "certificate"; readonly der: Uint8Array } | { readonly kind: "wait" };

export class Issuer {
  readonly #options: IssuerOptions;
  readonly #authorities: readonly X509Certificate[];
  readonly #pace = new Pace();

  constructor(options: IssuerOptions) {
    this.#options = options;
    this.#authorities = readAuthorities(options.authority.certificatePem);
  }

  /** DER, for whoever asks (RFC 7030 §4.1). */
  get authorities(): readonly Uint8Array[] {
    return this.#authorities.map(({ raw }) => raw);
  }

  /** Throws EnrolmentError, or ERR_CHANNEL_* for an operational certificate that is not one of ours. */
  async answer(operation: Operation, certificate: X509Certificate | undefined, body: Uint8Array): Promise<Outcome> {
    const { desk } = this.#options;
    const peer = this.#peerOf(operation, certificate);
    const request = await readRequest(body);
    const claim: Claim = { peer, keySha256: request.keySha256 };
    if (peer.kind === "operational") checkNames(request, peer.id);
    const decision = await desk.claim(claim);
    checkNames(request, decision.id);
    if (decision.kind !== "issue") return outcomeOf(decision);
    const { authority, clock, validDays } = this.#options;
    const options = { id: decision.id, publicKey: request.publicKey, nowMs: clock.nowMs(), ...(validDays !== undefined && { validDays }) };
    const der = await certifyDevice(authority, options);
    // The answer is what was recorded: of two requests at the same time one wins.
    return outcomeOf(await desk.issued(claim, der.toBase64()));
  }

  #peerOf(operation: Operation, certificate: X509Certificate | undefined): EnrolmentPeer {
    const { factories, clock } = this.#options;
    if (certificate === undefined) throw new EnrolmentError("ERR_ENROLMENT_PEER", "the peer has no certificate");
    this.#pace.take(certificate.fingerprint256);
    const nowMs = clock.nowMs();
    return operation === "enrol" ? factoryPeer(certificate, factories, nowMs) : operationalPeer(certificate, this.#authorities, nowMs);
  }
}

function outcomeOf(decision: Decision): Outcome {
  if (decision.kind === "wait") return { kind: "wait" };
  // Only one who decided differently the second time could leave it at "issue".
  if (decision.kind === "issue") throw new EnrolmentError("ERR_ENROLMENT_MANAGER", "the manager did not record the certificate");
  return { kind: "certificate", der: Uint8Array.fromBase64(decision.certificate) };
}
