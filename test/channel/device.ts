/** A device for the tests: a real TLS client that speaks ClientProtocol. It acts on nothing that it receives. */
import type { Socket } from "bun";
import { type CheckIn, ClientProtocol, encodeCheckIn } from "../../src/channel/wire/index.ts";
import type { Issued } from "../../src/trust/sign/certificate-authority.ts";

export interface Closed {
  readonly code: number;
  readonly reason: string;
}

interface DeviceOptions {
  readonly port: number;
  readonly caPem: string;
  readonly identity?: Issued;
}

export class TestDevice {
  readonly messages: string[] = [];
  /** False: a device whose network has gone, or that means to look like it. */
  answersPings = true;
  readonly #protocol = new ClientProtocol({
    host: "localhost",
    keyBytes: crypto.getRandomValues(new Uint8Array(16)),
    maskBytes: () => crypto.getRandomValues(new Uint8Array(4)),
  });
  readonly #opened = Promise.withResolvers<boolean>();
  readonly #pinged = Promise.withResolvers<void>();
  readonly #closed = Promise.withResolvers<Closed>();
  #socket: Socket | undefined;
  #closing: Closed = { code: 1006, reason: "" };
  #heard: () => void = () => {};

  static async dial({ port, caPem, identity }: DeviceOptions): Promise<TestDevice> {
    const device = new TestDevice();
    const tls = { ca: caPem, serverName: "localhost", ...(identity && { cert: identity.certificatePem, key: identity.privateKeyPem }) };
    device.#socket = await Bun.connect({
      hostname: "127.0.0.1",
      port,
      tls,
      socket: {
        handshake: (socket) => void socket.write(device.#protocol.start()),
        data: (_socket, chunk) => device.#receive(chunk),
        close: () => device.#gone(),
        error: () => device.#gone(),
      },
    });
    return device;
  }

  /** Whether the gateway let it in. */
  get opened(): Promise<boolean> {
    return this.#opened.promise;
  }

  /** Resolves when the gateway has asked whether it is alive. */
  get pinged(): Promise<void> {
    return this.#pinged.promise;
  }

  get closed(): Promise<Closed> {
    return this.#closed.promise;
  }

  /** Resolves when so many messages have come. */
  async received(count: number): Promise<readonly string[]> {
    while (this.messages.length < count) await new Promise<void>((resolve) => (this.#heard = resolve));
    return this.messages;
  }

  say(text: string): void {
    this.#socket?.write(this.#protocol.encodeMessage(new TextEncoder().encode(text)));
  }

  checkIn(seen: readonly string[] = [], version?: string): void {
    this.#socket?.write(this.#protocol.encodeMessage(encodeCheckIn(makeCheckIn(seen, version))));
  }

  raw(bytes: Uint8Array): void {
    this.#socket?.write(bytes);
  }

  pause(): void {
    this.#socket?.pause();
  }

  leave(): void {
    this.#socket?.end();
  }

  #receive(chunk: Uint8Array): void {
    try {
      for (const event of this.#protocol.receive(chunk)) {
        if (event.kind === "opened") this.#opened.resolve(true);
        if (event.kind === "send") this.#pinged.resolve();
        if (event.kind === "send" && this.answersPings) this.#socket?.write(event.bytes);
        if (event.kind === "closed") this.#closing = { code: event.code, reason: event.reason };
        if (event.kind === "message") this.messages.push(new TextDecoder().decode(event.bytes));
      }
    } catch {
      this.#socket?.end();
    }
    this.#heard();
  }

  #gone(): void {
    this.#opened.resolve(false);
    this.#closed.resolve(this.#closing);
  }
}

export function makeCheckIn(seen: readonly string[] = [], version = "1.2.3"): CheckIn {
  return { software: { vendor: "famousMaker", name: "famousModel", version }, boot: 1, slot: "a", seen };
}
