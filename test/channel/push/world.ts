/** A consumer with the real runtime behind the real HTTPS transfer, and a client that sends whatever bytes a test wants. */
import { connect as connectPlain } from "node:net";
import { connect as connectTls, type ConnectionOptions } from "node:tls";
import { HttpsConsumer, type HttpsConsumerOptions } from "../../../src/channel/push/https-consumer.ts";
import { makeConsumer, MemoryStore } from "../../../src/openc2/consumer/index.ts";
import type { Delivery } from "../../../src/openc2/consumer/port.ts";
import type { Command } from "../../../src/openc2/model.ts";
import { xSwup } from "../../../src/openc2/profiles/x-swup/profile.ts";
import { type Authority, createAuthority, type Issued, issueClient, issueServer } from "../../../src/trust/sign/certificate-authority.ts";

export const PRODUCER = "orchestrator.isp.example";
export const JSON_TYPE = "application/openc2+json;version=1.0";

export const UPDATE = {
  action: "update",
  target: {
    "x-swup:software": {
      vendor: "famousMaker",
      name: "famousModel",
      new_version: "2.3.4",
      source: "https://updates.famousmaker.example/patch.bin",
      size: 7_340_032,
      hashes: { sha256: "5C2D6DAAF85A710605678F8E7EF0B725B33303F3234197B9DC4B46196734A4F0" },
    },
  },
} as const;

export interface Reply {
  /** Everything until the connection was closed, or until as many whole answers as were waited for. */
  readonly text: string;
  readonly isClosed: boolean;
  readonly protocol: string | null;
  readonly isResumed: boolean;
  /** To resume. With TLS 1.3 the ticket comes after the handshake. */
  readonly session: Buffer | undefined;
}

export class World {
  readonly authority: Authority;
  readonly consumer: HttpsConsumer;
  /** What reached the consumer. */
  readonly deliveries: Delivery[] = [];
  /** What the consumer did. */
  readonly done: Command[] = [];
  readonly log: { readonly reason?: string }[] = [];
  skewMs = 0;
  readonly #identities = new Map<string, Issued>();

  private constructor(authority: Authority, server: Issued, overrides: Partial<HttpsConsumerOptions>) {
    this.authority = authority;
    const clock = { nowMs: () => Date.now() + this.skewMs };
    const runtime = makeConsumer({
      names: ["cam-1", "famousModel"],
      store: new MemoryStore(),
      clock,
      authorise: () => 200,
      ratePerMinute: 1e9,
      handlers: [
        {
          profile: xSwup,
          action: "update",
          target: "x-swup:software",
          handle: async (command) => {
            this.done.push(command);
            return { status: 200 };
          },
        },
        {
          profile: xSwup,
          action: "query",
          target: "x-swup:software",
          handle: () => Promise.reject(new TypeError("/secret/path is not a function")),
        },
      ],
    });
    const note = (facts: object) => void this.log.push(facts);
    this.consumer = new HttpsConsumer({
      hostname: "127.0.0.1",
      port: 0,
      tls: { certPem: server.certificatePem, keyPem: server.privateKeyPem, caPem: authority.certificatePem },
      consumer: {
        receive: (delivery) => {
          this.deliveries.push(delivery);
          return runtime.receive(delivery);
        },
      },
      isAllowed: (peer) => peer === PRODUCER,
      clock,
      random: () => 0.5,
      log: { info: () => {}, warn: note, error: note },
      ...overrides,
    });
  }

  static async start(overrides: Partial<HttpsConsumerOptions> = {}): Promise<World> {
    const nowMs = Date.now();
    const authority = await createAuthority("test authority", { nowMs });
    return new World(authority, await issueServer(authority, { names: ["localhost", "127.0.0.1"], nowMs }), overrides);
  }

  async producer(name = PRODUCER): Promise<Issued> {
    const issued = this.#identities.get(name) ?? (await issueClient(this.authority, { name, nowMs: Date.now() }));
    this.#identities.set(name, issued);
    return issued;
  }

  /** Sends raw bytes over TLS as the producer, and waits for so many answers or the end. */
  async send(bytes: string | readonly string[], answers = 1): Promise<Reply> {
    return this.sendAs(await this.producer(), bytes, answers);
  }

  sendAs(identity: Issued | undefined, bytes: string | readonly string[], answers = 1, options: ConnectionOptions = {}): Promise<Reply> {
    const { promise, resolve } = Promise.withResolvers<Reply>();
    const socket = connectTls({
      host: "127.0.0.1",
      port: this.consumer.port,
      servername: "localhost",
      ca: this.authority.certificatePem,
      ...(identity && { cert: identity.certificatePem, key: identity.privateKeyPem }),
      ...options,
    });
    let text = "";
    let ticket: Buffer | undefined;
    const end = (isClosed: boolean) => {
      const session = ticket ?? socket.getSession();
      resolve({ text, isClosed, protocol: socket.getProtocol(), isResumed: socket.isSessionReused(), session });
      socket.destroy();
    };
    socket.on("secureConnect", () => {
      for (const part of [bytes].flat()) socket.write(part, "latin1");
    });
    socket.on("session", (given: Buffer) => (ticket = given));
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
      if (wholeAnswers(text) >= answers) setImmediate(end, false);
    });
    socket.on("error", () => end(true));
    socket.on("end", () => end(true));
    socket.on("close", () => end(true));
    return promise;
  }

  /** The same over plain TCP, for a consumer that is being tested. */
  sendPlain(bytes: string): Promise<string> {
    const { promise, resolve } = Promise.withResolvers<string>();
    const socket = connectPlain(this.consumer.port, "127.0.0.1", () => void socket.write(bytes));
    let text = "";
    socket.on("data", (chunk: Buffer) => {
      text += chunk.toString("latin1");
      if (wholeAnswers(text) > 0) socket.end();
    });
    socket.on("error", () => resolve(text));
    socket.on("close", () => resolve(text));
    return promise;
  }

  stop(): Promise<void> {
    return this.consumer.stop();
  }
}

/** A request with a body, as a producer of HTTPS v1.1 writes it. */
export function post(body: string, headers: Readonly<Record<string, string>> = {}): string {
  const all = {
    Host: "localhost",
    "Content-Type": JSON_TYPE,
    Accept: JSON_TYPE,
    "Content-Length": `${Buffer.byteLength(body)}`,
    ...headers,
  };
  const lines = Object.entries(all).map(([name, value]) => `${name}: ${value}\r\n`);
  return `POST /.well-known/openc2 HTTP/1.1\r\n${lines.join("")}\r\n${body}`;
}

export function request(command: object, headers: object | null = { request_id: "r-1" }): string {
  return JSON.stringify({ ...(headers && { headers }), body: { openc2: { request: command } } });
}

/** Status, headers in lower case, and the OpenC2 response of one answer. */
export function parseReply(text: string) {
  const [head = "", body = ""] = text.replace(/^HTTP\/1\.1 100 Continue\r\n\r\n/, "").split("\r\n\r\n");
  const [start = "", ...lines] = head.split("\r\n");
  const headers = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf(":")).toLowerCase(), line.slice(line.indexOf(":") + 2)]),
  );
  const message =
    body === ""
      ? undefined
      : (JSON.parse(body) as { headers: Record<string, unknown>; body: { openc2: { response: Record<string, unknown> } } });
  return { status: Number(start.split(" ")[1]), headers, body, message, response: message?.body.openc2.response };
}

function wholeAnswers(text: string): number {
  let rest = text;
  for (let count = 0; ; count += 1) {
    if (rest.startsWith("HTTP/1.1 100")) rest = rest.slice(rest.indexOf("\r\n\r\n") + 4);
    const end = rest.indexOf("\r\n\r\n");
    const length = Number(/content-length: (\d+)/i.exec(rest.slice(0, end))?.[1] ?? 0);
    if (end < 0 || rest.length < end + 4 + length) return count;
    rest = rest.slice(end + 4 + length);
  }
}
