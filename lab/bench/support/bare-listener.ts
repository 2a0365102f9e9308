/** What a channel costs before Edict has added anything: Bun's listener with empty handlers, with TLS or without. Argument: facts as JSON. */
import { readFileSync } from "node:fs";
import type { Socket } from "bun";

export interface ListenerFacts {
  /** Absent for plain TCP. */
  readonly tls?: { readonly certificate: string; readonly key: string; readonly authority: string };
}

const { tls } = JSON.parse(process.argv[2] ?? "{}") as ListenerFacts;
const read = (file: string) => readFileSync(file, "utf8");
const secure = tls && {
  cert: read(tls.certificate),
  key: read(tls.key),
  ca: read(tls.authority),
  requestCert: true,
  rejectUnauthorized: true,
  minVersion: 0x0304,
};
// Answers once: TLS lets go of the session tickets, which wait for the first write, and of its buffers.
const data = (socket: Socket) => void socket.write("answer");
const handlers = { open: () => {}, data, close: () => {}, drain: () => {}, handshake: () => {} };
const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: handlers, ...(secure && { tls: secure }) });
// A gateway works and so collects its garbage; this process would let it lie, and it would count as a layer's.
setInterval(() => Bun.gc(true), 1_000);
console.log(JSON.stringify({ event: "listening", port: listener.port }));
