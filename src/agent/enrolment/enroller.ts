/**
 * Keeps the device in possession of a certificate: the first one from its factory's, a new one with a new key at two thirds of its
 * life, and one from a person's hands when it slept past the end. It asks over EST; it knows nothing of channels.
 */
import { nextWaitMs } from "../../channel/wire/index.ts";
import type { Clock } from "../../trust/clock.ts";
import { AgentError } from "../errors.ts";
import { ENROLMENT_WAIT_MIN_MS, ENROLMENT_WAIT_MS, RENEW_AT_SHARE, RENEW_SPREAD_SHARE } from "../limits.ts";
import { wait } from "../wait.ts";
import { certificateRequest } from "./certificate-request.ts";
import { askEst } from "./est-client.ts";
import type { Identity } from "./identity.ts";

export type EnrolmentEvent =
  | { readonly kind: "enrolled"; readonly untilMs: number }
  /** A person must admit the device. */
  | { readonly kind: "waiting" }
  | { readonly kind: "not-enrolled"; readonly reason: string };

export interface EnrollerPorts {
  readonly identity: Identity;
  /** https://host:port; undefined: certificates are brought by hand. */
  readonly server: string | undefined;
  readonly clock: Clock;
  readonly random: () => number;
  readonly onEvent: (event: EnrolmentEvent) => void;
}

export class Enroller {
  readonly #ports: EnrollerPorts;
  #failedWaitMs = ENROLMENT_WAIT_MIN_MS;

  constructor(ports: EnrollerPorts) {
    this.#ports = ports;
  }

  /** Resolves when the device has a certificate that its gateway takes, as far as it can know; asks until then. Rejects as `renew`. */
  async obtain(signal: AbortSignal): Promise<void> {
    const { server, identity, clock } = this.#ports;
    if (server === undefined) return;
    const isUsable = () => !identity.isFactory && clock.nowMs() < Date.parse(identity.certificate.validTo);
    while (!isUsable()) {
      const waitMs = await this.#ask(server, signal);
      if (!isUsable()) await wait(waitMs, signal);
    }
  }

  /** Renews in time, again and again. Rejects with the signal's reason when it is aborted. */
  async renew(signal: AbortSignal): Promise<void> {
    const { server, clock, random } = this.#ports;
    if (server === undefined) return;
    for (;;) {
      // Devices that were enrolled together must not come back together.
      await wait(this.#dueMs(random()) - clock.nowMs(), signal);
      const waitMs = await this.#ask(server, signal);
      await wait(waitMs, signal);
    }
  }

  #dueMs(spread: number): number {
    const { validFrom, validTo } = this.#ports.identity.certificate;
    const [fromMs, toMs] = [Date.parse(validFrom), Date.parse(validTo)];
    return fromMs + (toMs - fromMs) * (RENEW_AT_SHARE + spread * RENEW_SPREAD_SHARE);
  }

  /** Once. Answers with how long to wait before the next time; what went wrong is told and not thrown. */
  async #ask(server: string, signal: AbortSignal): Promise<number> {
    const { identity, random, onEvent } = this.#ports;
    try {
      const key = await identity.nextKey();
      const operation = identity.isFactory ? "simpleenroll" : "simplereenroll";
      const request = certificateRequest(key, identity.isFactory ? undefined : identity.certificate);
      const answer = await askEst({ server, operation, tls: identity.tls, request }, signal);
      if (answer.kind === "wait") {
        onEvent({ kind: "waiting" });
        return answer.waitMs * (0.5 + random());
      }
      await identity.become(answer.certificates[0], key);
      this.#failedWaitMs = ENROLMENT_WAIT_MIN_MS;
      onEvent({ kind: "enrolled", untilMs: Date.parse(identity.certificate.validTo) });
      return 0;
    } catch (error) {
      signal.throwIfAborted();
      if (!(error instanceof AgentError)) throw error;
      onEvent({ kind: "not-enrolled", reason: error.message });
      this.#failedWaitMs = nextWaitMs(this.#failedWaitMs, ENROLMENT_WAIT_MIN_MS, ENROLMENT_WAIT_MS, random);
      return this.#failedWaitMs;
    }
  }
}
