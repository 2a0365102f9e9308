/** A client that can resume a TLS session, which Bun's own cannot: what a gateway answers to a request for a channel. */
import { connect, type ConnectionOptions } from "node:tls";
import { upgradeRequest } from "../../src/channel/wire/index.ts";
import type { Issued } from "../../src/trust/sign/certificate-authority.ts";

export interface Dialled {
  /** The first bytes, "" when it was closed without any. */
  readonly answer: string;
  readonly isReused: boolean;
  /** What resumes it. */
  readonly session: Buffer | undefined;
}

/** Ends with the first bytes, or when it is closed. */
export function dialNode(port: number, identity: Issued, options: ConnectionOptions): Promise<Dialled> {
  const { promise, resolve } = Promise.withResolvers<Dialled>();
  let newest: Buffer | undefined;
  const socket = connect({
    host: "127.0.0.1",
    port,
    servername: "localhost",
    cert: identity.certificatePem,
    key: identity.privateKeyPem,
    ...options,
  });
  const end = (answer: string) => {
    resolve({ answer, isReused: socket.isSessionReused(), session: newest ?? socket.getSession() });
    socket.destroy();
  };
  socket.on("secureConnect", () => socket.write(upgradeRequest("localhost", "dGhlIHNhbXBsZSBub25jZQ==")));
  socket.on("session", (ticket: Buffer) => (newest = ticket));
  socket.on("data", (chunk: Buffer) => end(chunk.toString("latin1")));
  socket.on("error", () => end(""));
  socket.on("close", () => end(""));
  return promise;
}
