/**
 * A gateway that is wholly in an attacker's hands: the platform's own TLS key, every channel open, and whatever bytes the attacker likes.
 * It has no code of the honest gateway in it, so nothing of what that one would refuse is refused here.
 */
import type { ServerWebSocket } from "bun";
import { CHANNEL_PATH, SUBPROTOCOL } from "../../src/channel/wire/index.ts";

export interface StolenTls {
  readonly certPem: string;
  readonly keyPem: string;
}

export class HostileGateway {
  readonly #server: Bun.Server<undefined>;
  readonly #channels = new Set<ServerWebSocket<undefined>>();
  /** What devices said, as text. */
  readonly heard: string[] = [];

  constructor({ certPem, keyPem }: StolenTls) {
    this.#server = Bun.serve<undefined>({
      hostname: "127.0.0.1",
      port: 0,
      tls: { cert: certPem, key: keyPem },
      fetch: (request, server) => {
        const isChannel = new URL(request.url).pathname === CHANNEL_PATH;
        const headers = { "sec-websocket-protocol": SUBPROTOCOL };
        if (isChannel && server.upgrade(request, { headers, data: undefined })) return undefined;
        return new Response(null, { status: 404 });
      },
      websocket: {
        open: (channel) => void this.#channels.add(channel),
        message: (_channel, message) => void this.heard.push(message.toString()),
        close: (channel) => void this.#channels.delete(channel),
      },
    });
  }

  get url(): string {
    return `https://127.0.0.1:${this.#server.port}`;
  }

  /** To every device that it holds. */
  bring(bytes: Uint8Array): void {
    for (const channel of this.#channels) channel.send(new TextDecoder().decode(bytes));
  }

  async stop(): Promise<void> {
    await this.#server.stop(true);
  }
}
