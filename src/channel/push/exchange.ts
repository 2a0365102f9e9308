/**
 * From a request to the bytes of its answer: who may ask, whether there is room, what the consumer says, and which HTTP status
 * that is (HTTPS v1.1 §3.3 and §4.2.1). Knows nothing of sockets.
 */
import type { ConsumerPort, Answer } from "../../openc2/consumer/port.ts";
import { encodeResponse } from "../../openc2/dialects/write.ts";
import type { Clock } from "../../trust/clock.ts";
import { ChannelError } from "../errors.ts";
import type { GatewayLog } from "../gateway/log.ts";
import { encodeAnswer, isCopyable } from "./http-answer.ts";
import type { HttpRequest } from "./http-request.ts";
import { REQUESTS_UNDER_WAY_MAX, RETRY_AFTER_SECONDS } from "./limits.ts";
import { OPENC2_JSON } from "./media-type.ts";
import type { Peers } from "./peers.ts";

export interface ExchangePorts {
  readonly consumer: ConsumerPort;
  /** Whether this producer is one of ours; its certificate was verified before. */
  readonly isAllowed: (peer: string) => boolean;
  /** Whether CBOR is read too. */
  readonly cbor: boolean;
  readonly peers: Peers;
  readonly clock: Clock;
  /** 0..1 */
  readonly random: () => number;
  readonly log: Pick<GatewayLog, "error">;
}

interface RefusedRequest {
  readonly requestId?: string | undefined;
  readonly isLast: boolean;
  readonly isHead?: boolean;
}

export class Exchange {
  readonly #ports: ExchangePorts;
  #underWay = 0;

  constructor(ports: ExchangePorts) {
    this.#ports = ports;
  }

  /** Never rejects. */
  async answer(request: HttpRequest, peer: string): Promise<Uint8Array> {
    const { consumer, clock, log } = this.#ports;
    const refusal = this.#refusal(request, peer);
    if (refusal !== undefined) return this.refuse(refusal, request);
    const { body: bytes, media, requestId, isLast } = request;
    this.#underWay += 1;
    try {
      const delivery = {
        bytes,
        serialisation: media.serialisation,
        dialect: "any" as const,
        peer,
        ...(requestId !== undefined && { requestId }),
      };
      const answer = await consumer.receive(delivery);
      return encodeAnswer({ ...this.#said(answer, media.answer), requestId: requestId ?? answer.requestId, nowMs: clock.nowMs(), isLast });
    } catch (cause) {
      log.error({ err: cause, peer }, "a request could not be answered");
      return this.refuse(new ChannelError("ERR_CHANNEL_FAULT", "this consumer failed"), request);
    } finally {
      this.#underWay -= 1;
    }
  }

  /** The answer to a request that never reaches the consumer. What could not be read is always answered, with an OpenC2 response. */
  refuse(error: ChannelError, { requestId, isLast, isHead = false }: RefusedRequest): Uint8Array {
    const nowMs = this.#ports.clock.nowMs();
    const { status } = error.facts;
    const headers = { created: nowMs, ...(isCopyable(requestId) && { request_id: requestId }) };
    const bytes = encodeResponse(headers, { status, status_text: `${error.code} ${error.message}` });
    const message = isHead ? undefined : { type: OPENC2_JSON, bytes };
    return encodeAnswer({ status, nowMs, requestId, message, isLast, ...this.#pause(status) });
  }

  #refusal({ media }: HttpRequest, peer: string): ChannelError | undefined {
    const { isAllowed, peers, cbor } = this.#ports;
    if (!isAllowed(peer)) return new ChannelError("ERR_CHANNEL_PEER", `"${peer}" is none of this consumer's producers`);
    if (media.serialisation === "cbor" && !cbor) return new ChannelError("ERR_CHANNEL_MEDIA_TYPE", "CBOR is not read here");
    if (!peers.ask(peer)) return new ChannelError("ERR_CHANNEL_BUSY", `"${peer}" asks faster than it may`);
    if (this.#underWay >= REQUESTS_UNDER_WAY_MAX) return new ChannelError("ERR_CHANNEL_BUSY", "too many requests are under way");
    return undefined;
  }

  #said(answer: Answer, type: string) {
    const { status } = answer;
    return { status, ...this.#pause(status), ...(answer.kind === "message" && { message: { type, bytes: answer.bytes } }) };
  }

  #pause(status: number): { readonly retryAfterSeconds?: number } {
    return status === 503 ? { retryAfterSeconds: Math.ceil(RETRY_AFTER_SECONDS * (0.5 + this.#ports.random())) } : {};
  }
}
