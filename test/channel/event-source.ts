/** A device that reads server-sent events, as bytes over real TLS, and posts what it has to say on connections of its own. */
import type { Socket } from "bun";
import { EDICT_JSON, encodeCheckIn, OPENC2_JSON } from "../../src/channel/wire/index.ts";
import type { Issued } from "../../src/trust/sign/certificate-authority.ts";
import { makeCheckIn } from "./device.ts";

interface Peer {
  readonly port: number;
  readonly caPem: string;
  readonly identity: Issued;
}

const PATH = "/.well-known/openc2";

export class EventSourceDevice {
  /** All that came, as it came. */
  text = "";
  socket!: Socket;
  readonly #peer: Peer;
  readonly #closed = Promise.withResolvers<void>();
  #heard: () => void = () => {};

  constructor(peer: Peer) {
    this.#peer = peer;
  }

  static async dial(peer: Peer, headers: readonly string[] = []): Promise<EventSourceDevice> {
    const device = new EventSourceDevice(peer);
    const lines = [`GET ${PATH} HTTP/1.1`, "Host: localhost", "Accept: text/event-stream", ...headers];
    device.socket = await dialTls(peer, `${lines.join("\r\n")}\r\n\r\n`, {
      data: (chunk) => {
        device.text += new TextDecoder().decode(chunk);
        device.#heard();
      },
      close: () => {
        device.#closed.resolve();
        device.#heard();
      },
    });
    return device;
  }

  get closed(): Promise<void> {
    return this.#closed.promise;
  }

  /** The fields of the whole events of a kind so far. */
  of(kind: string): readonly { readonly [field: string]: string }[] {
    const body = this.text.slice(this.text.indexOf("\r\n\r\n") + 4);
    const blocks = body.split("\n\n").slice(0, -1);
    const events = blocks.map((block) => {
      const lines = block.split("\n").map((line) => line.split(/: (.*)/s, 2));
      return Object.fromEntries(lines.map(([name = "", value = ""]) => [name, value] as const));
    });
    return events.filter(({ event }) => event === kind);
  }

  /** Resolves when so many events of a kind have come. */
  async received(kind: string, count = 1): Promise<ReturnType<EventSourceDevice["of"]>> {
    await this.until(() => this.of(kind).length >= count);
    return this.of(kind);
  }

  /** Resolves when what has come fulfils the condition. */
  async until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) await new Promise<void>((resolve) => (this.#heard = resolve));
  }

  /** What its hello says. */
  async secret(): Promise<string> {
    const [hello] = await this.received("hello");
    return String(JSON.parse(hello?.["data"] ?? "{}").channel);
  }

  checkIn(seen: readonly string[] = []): Promise<string> {
    return this.post(new TextDecoder().decode(encodeCheckIn(makeCheckIn(seen))));
  }

  respond(body: string): Promise<string> {
    return this.post(body, OPENC2_JSON);
  }

  async post(body: string, type: string = EDICT_JSON): Promise<string> {
    return post(this.#peer, body, { type, secret: await this.secret() });
  }
}

/** The status line and the body of the answer. */
export function post(peer: Peer, body: string, { type = EDICT_JSON as string, secret = "" } = {}): Promise<string> {
  const head = [`POST ${PATH} HTTP/1.1`, "Host: localhost", `Content-Type: ${type}`, `Edict-Channel: ${secret}`];
  return ask(peer, `${head.join("\r\n")}\r\nContent-Length: ${body.length}\r\n\r\n${body}`);
}

/** Says this; the status line and the body of what came until the gateway closed. */
export async function ask(peer: Peer, request: string): Promise<string> {
  const { promise, resolve } = Promise.withResolvers<string>();
  let text = "";
  await dialTls(peer, request, { data: (chunk) => (text += new TextDecoder().decode(chunk)), close: () => resolve(text) });
  const [head = "", body = ""] = (await promise).split("\r\n\r\n");
  return `${head.split("\r\n")[0]} ${body}`.trim();
}

async function dialTls(
  { port, caPem, identity }: Peer,
  first: string,
  on: { readonly data: (chunk: Uint8Array) => void; readonly close: () => void },
): Promise<Socket> {
  return Bun.connect({
    hostname: "127.0.0.1",
    port,
    tls: { ca: caPem, serverName: "localhost", cert: identity.certificatePem, key: identity.privateKeyPem },
    socket: {
      handshake: (socket) => void socket.write(first),
      data: (_socket, chunk) => on.data(chunk),
      close: on.close,
      error: on.close,
    },
  });
}
