/**
 * One standing channel to the gateway: dialled by the device, TLS 1.3 with its certificate, WebSocket inside. It knows
 * nothing of commands; it tells what arrives and writes what it is given.
 */
import { type ClientEvent, ClientProtocol, type Link, type LinkEvents, parseDownward } from "../channel/wire/index.ts";
import type { DeviceConfig } from "./config.ts";
import { CHANNEL_DEAD_SECONDS, DIAL_MAX_MS, UPWARD_QUEUE_BYTES_MAX } from "./limits.ts";

const TLS_1_3 = 0x0304;

/** Where to, and with what. */
type Dialled = Pick<DeviceConfig, "gateway" | "tls">;

export class Connection implements Link {
  readonly #config: Dialled;
  readonly #protocol: ClientProtocol;
  readonly #events: LinkEvents;
  readonly #closed = Promise.withResolvers<string>();
  #socket: Bun.Socket<undefined> | undefined;
  #isEnded = false;
  #queue: Uint8Array[] = [];
  #queueBytes = 0;
  #dialTimer: ReturnType<typeof setTimeout> | undefined;

  constructor(config: Dialled, events: LinkEvents) {
    const { host } = new URL(config.gateway);
    const randomBytes = (count: number) => crypto.getRandomValues(new Uint8Array(count));
    this.#protocol = new ClientProtocol({ host, keyBytes: randomBytes(16), maskBytes: () => randomBytes(4) });
    this.#config = config;
    this.#events = events;
  }

  /** Dials. */
  async run(): Promise<string> {
    const { gateway, tls } = this.#config;
    const { hostname, port } = new URL(gateway);
    const secure = {
      ca: tls.caPem,
      cert: tls.certPem,
      key: tls.keyPem,
      rejectUnauthorized: true,
      minVersion: TLS_1_3,
      serverName: hostname,
    };
    this.#dialTimer = setTimeout(() => this.#end("the gateway does not answer"), DIAL_MAX_MS);
    try {
      await Bun.connect<undefined>({
        hostname,
        port: Number(port || 443),
        tls: secure,
        socket: {
          open: (socket) => {
            this.#socket = socket;
            // Given up while it was dialled: nobody would ever close it, and to its gateway this device would be there twice.
            if (this.#isEnded) socket.terminate();
          },
          handshake: (socket, _ok, error) => {
            if (this.#isEnded) return;
            // The error tells the truth, the flag does not (docs/adr/0001).
            if (error !== null || !socket.authorized)
              this.#end(`the gateway's certificate is refused: ${error?.message ?? "not authorised"}`);
            else socket.write(this.#protocol.start());
          },
          data: (socket, chunk) => {
            // Gateways ping before this; when it passes, the other end is gone without a word.
            socket.timeout(CHANNEL_DEAD_SECONDS);
            this.#receive(chunk);
          },
          timeout: () => this.#end("the gateway is silent"),
          drain: () => this.#drain(),
          close: () => this.#end("the channel closed"),
          error: (_socket, error) => this.#end(error.message),
        },
      });
    } catch (error) {
      this.#end(error instanceof Error ? error.message : String(error));
    }
    return this.#closed.promise;
  }

  send(bytes: Uint8Array): void {
    this.#write(this.#protocol.encodeMessage(bytes));
  }

  close(reason: string): void {
    this.#write(this.#protocol.encodeClose());
    this.#end(reason);
  }

  #receive(chunk: Uint8Array): void {
    try {
      for (const event of this.#protocol.receive(chunk)) this.#event(event);
    } catch (error) {
      this.#end(error instanceof Error ? error.message : String(error));
    }
  }

  #event(event: ClientEvent): void {
    switch (event.kind) {
      case "opened":
        clearTimeout(this.#dialTimer);
        this.#events.onOpen(this);
        return;
      case "message":
        void this.#events.onMessage(parseDownward(event.bytes));
        return;
      case "send":
        this.#write(event.bytes);
        return;
      case "closed":
        this.#end(`the gateway closed with ${event.code}`);
        return;
    }
  }

  #write(bytes: Uint8Array): void {
    if (this.#socket === undefined) return;
    if (this.#queueBytes + bytes.length > UPWARD_QUEUE_BYTES_MAX) return this.#end("the gateway takes nothing");
    this.#queue.push(bytes);
    this.#queueBytes += bytes.length;
    this.#drain();
  }

  #drain(): void {
    for (let next = this.#queue[0]; next !== undefined; next = this.#queue[0]) {
      const taken = Math.max(0, this.#socket?.write(next) ?? 0);
      this.#queueBytes -= taken;
      if (taken < next.length) {
        this.#queue[0] = next.subarray(taken);
        return;
      }
      this.#queue.shift();
    }
  }

  #end(reason: string): void {
    clearTimeout(this.#dialTimer);
    this.#isEnded = true;
    this.#closed.resolve(reason);
    this.#socket?.end();
  }
}
