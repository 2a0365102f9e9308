/**
 * A producer over HTTPS v1.1: sends commands to consumers that can be reached, over connections that are kept and mutually
 * authenticated, and says what each answer means. It retries nothing: most consumers do a repeated command twice.
 *
 * `node:https` sends, because otupy's "102, then close" is seen with its `information` event only; `fetch` calls it a lost connection.
 */
import { Agent as HttpAgent, type ClientRequest, type IncomingMessage, request as requestPlain } from "node:http";
import { Agent as HttpsAgent, request as requestSecure } from "node:https";
import { encodeForPeer } from "../../openc2/dialects/peers.ts";
import type { Command, ResponseType } from "../../openc2/model.ts";
import type { Clock } from "../../trust/clock.ts";
import { ChannelError } from "../errors.ts";
import { type Habits, HTTPS_PEERS } from "./habits.ts";
import { ANSWER_BYTES_MAX, CONNECTIONS_PER_CONSUMER_MAX, IDLE_MAX_MS } from "./limits.ts";
import { type HttpReply, type Outcome, outcomeOf } from "./outcome.ts";

export interface HttpsProducerOptions {
  /** Its name in `from`. */
  readonly name: string;
  /** `caPem`: the authorities whose consumers are believed. Absent: plain HTTP may be spoken, for testing, and nothing else. */
  readonly tls?: { readonly certPem: string; readonly keyPem: string; readonly caPem: string };
  /** From sending until the whole answer is here. */
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** A new id per command; HTTPS v1.1 §3.3.3 would like UUIDs of version 4, and takes a counter. */
  readonly newRequestId?: () => string;
}

export interface Destination {
  /** Scheme, host and port; a path here goes before that of the habits. */
  readonly url: string;
  /** HTTPS v1.1 when absent. */
  readonly habits?: Habits;
  /** Its name for `to`. */
  readonly name?: string;
}

export class HttpsProducer {
  readonly #options: HttpsProducerOptions;
  readonly #agent: HttpAgent;

  constructor(options: HttpsProducerOptions) {
    const { tls } = options;
    this.#options = options;
    const pool = { keepAlive: true, maxSockets: CONNECTIONS_PER_CONSUMER_MAX, timeout: IDLE_MAX_MS };
    this.#agent =
      tls === undefined
        ? new HttpAgent(pool)
        : new HttpsAgent({ ...pool, ca: tls.caPem, cert: tls.certPem, key: tls.keyPem, minVersion: "TLSv1.2", rejectUnauthorized: true });
  }

  /** One command to one consumer, with an id of its own in header and body. Throws ERR_CHANNEL_UNREACHABLE, ERR_CHANNEL_RESPONSE or ERR_OPENC2_*. */
  send(command: Command, to: Destination): Promise<Outcome> {
    const { name, clock, newRequestId = crypto.randomUUID } = this.#options;
    const requestId = newRequestId.call(crypto);
    const headers = { request_id: requestId, created: clock.nowMs(), from: name, ...(to.name !== undefined && { to: [to.name] }) };
    const bytes = encodeForPeer({ kind: "request", headers, command }, (to.habits ?? HTTPS_PEERS.standard).language);
    return this.deliver(bytes, to, { requestId, requested: command.args?.response_requested ?? "complete" });
  }

  /** Bytes that are the same for many consumers: the id of this delivery stands in X-Request-ID alone. */
  async deliver(
    bytes: Uint8Array,
    { url, habits = HTTPS_PEERS.standard }: Destination,
    asked: { readonly requestId: string; readonly requested: ResponseType },
  ): Promise<Outcome> {
    const target = new URL(habits.path, url);
    const reply = await this.#exchange(target, bytes, habits, asked.requestId);
    // LS 1.0 §3.3.1.4: 102 is what ack means; status may be answered with it.
    if (reply === "102 only" && asked.requested !== "none" && asked.requested !== "complete")
      return { kind: "response", status: 102, response: { status: 102 } };
    if (reply === "102 only") throw new ChannelError("ERR_CHANNEL_RESPONSE", `${target.host} closed after HTTP 102`);
    return outcomeOf(reply, asked, habits);
  }

  close(): void {
    this.#agent.destroy();
  }

  #exchange(target: URL, bytes: Uint8Array, habits: Habits, requestId: string): Promise<HttpReply | "102 only"> {
    const { promise, resolve, reject } = Promise.withResolvers<HttpReply | "102 only">();
    const request = this.#begin(target, {
      "Content-Type": habits.contentType,
      Accept: habits.accept,
      Date: new Date(this.#options.clock.nowMs()).toUTCString(),
      "Cache-Control": "no-cache",
      "X-Request-ID": requestId,
      "Content-Length": bytes.length,
    });
    let isAcknowledged = false;
    const fail = (cause: unknown) => {
      if (isAcknowledged) resolve("102 only");
      else reject(cause instanceof ChannelError ? cause : unreachable(target, cause));
    };
    const timer = setTimeout(() => request.destroy(new Error(`no answer within ${this.#options.timeoutMs} ms`)), this.#options.timeoutMs);
    request.on("information", ({ statusCode }) => (isAcknowledged ||= statusCode === 102));
    request.on("error", fail);
    request.on("response", (response) => void collect(response).then(resolve, fail));
    request.end(bytes);
    return promise.finally(() => clearTimeout(timer));
  }

  #begin(target: URL, headers: Readonly<Record<string, string | number>>): ClientRequest {
    const options = { method: "POST", agent: this.#agent, headers };
    if (this.#options.tls !== undefined && target.protocol === "https:") return requestSecure(target, options);
    if (this.#options.tls === undefined && target.protocol === "http:") return requestPlain(target, options);
    throw new ChannelError("ERR_CHANNEL_TARGET", `${target.protocol}// does not go with ${this.#options.tls ? "" : "no "}certificates`);
  }
}

/** The whole answer, which is short. */
async function collect(response: IncomingMessage): Promise<HttpReply> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const part of response as AsyncIterable<Buffer>) {
    parts.push(part);
    length += part.length;
    if (length > ANSWER_BYTES_MAX) {
      response.destroy();
      throw new ChannelError("ERR_CHANNEL_RESPONSE", `the answer is longer than ${ANSWER_BYTES_MAX} bytes`);
    }
  }
  return { status: response.statusCode ?? 0, body: Buffer.concat(parts) };
}

function unreachable({ host }: URL, cause: unknown): ChannelError {
  return new ChannelError("ERR_CHANNEL_UNREACHABLE", `${host}: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
}
