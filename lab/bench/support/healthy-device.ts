/** A device of a bench that behaves: one standing channel, and how long the gateway takes to answer its ping. */
import type { Socket } from "bun";
import { ClientProtocol, encodeFrame, OPCODES } from "../../../src/channel/wire/index.ts";
import type { Issued } from "../../../src/trust/sign/certificate-authority.ts";

const MASK = new Uint8Array(4);
const PING = encodeFrame(OPCODES.ping, new Uint8Array(0), MASK);

export class HealthyDevice {
  isOpen = false;
  readonly #protocol = new ClientProtocol({ host: "localhost", keyBytes: new Uint8Array(16), maskBytes: () => MASK });
  #socket: Socket | undefined;
  #answered: () => void = () => {};

  static async dial(port: number, authorityPem: string, identity: Issued): Promise<HealthyDevice> {
    const device = new HealthyDevice();
    const opened = Promise.withResolvers<void>();
    device.#socket = await Bun.connect({
      hostname: "127.0.0.1",
      port,
      tls: { ca: authorityPem, serverName: "localhost", cert: identity.certificatePem, key: identity.privateKeyPem },
      socket: {
        handshake: (socket) => void socket.write(device.#protocol.start()),
        data: (_socket, chunk) => {
          if (device.isOpen) return device.#answered();
          if (device.#protocol.receive(chunk).length === 0) return;
          device.isOpen = true;
          opened.resolve();
        },
        close: () => {
          device.isOpen = false;
          device.#answered();
          opened.reject(new Error("the gateway closed a healthy device's channel"));
        },
      },
    });
    await opened.promise;
    return device;
  }

  /** ms until something came back: nothing else is sent to it. */
  async ping(): Promise<number> {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#answered = resolve;
    const startMs = performance.now();
    this.#socket?.write(PING);
    await promise;
    return performance.now() - startMs;
  }

  leave(): void {
    this.#socket?.end();
  }
}
