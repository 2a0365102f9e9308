/**
 * EST (RFC 7030) over TLS 1.3: cacerts, csrattrs, simpleenroll, simplereenroll. Anybody may ask for the authority's certificate;
 * for the rest the client's certificate says who asks, and it is judged by the issuer, not by the TLS library: one that has
 * expired must still be heard. There is no plain HTTP and no password.
 */
import type { X509Certificate } from "node:crypto";
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { createServer as createTlsServer, type Server, TLSSocket } from "node:tls";
import { EdictError } from "../../openc2/edict-error.ts";
import { CONNECTION_MAX_MS, CONNECTIONS_MAX, HANDSHAKE_MAX_MS, HEAD_BYTES_MAX, REQUEST_BYTES_MAX } from "../limits.ts";
import { attributesAnswer, certificatesAnswer, type HttpAnswer, plainAnswer, refusalAnswer, waitAnswer } from "./answers.ts";
import type { Issuer, Operation } from "./issuer.ts";

export interface EstServerOptions {
  readonly hostname: string;
  /** 0 takes a free one. */
  readonly port: number;
  readonly tls: { readonly certPem: string; readonly keyPem: string };
  /** All authorities whose certificates a client might show, so that it knows which to choose. */
  readonly clientAuthoritiesPem: string;
  readonly issuer: Issuer;
  readonly log: {
    info(facts: object, text: string): void;
    warn(facts: object, text: string): void;
    error(facts: object, text: string): void;
  };
}

export interface EstServer {
  readonly port: number;
  stop(): Promise<void>;
}

const BASE = "/.well-known/est/";
const OPERATIONS: ReadonlyMap<string, Operation> = new Map([
  ["simpleenroll", "enrol"],
  ["simplereenroll", "renew"],
]);

export async function startEstServer({ hostname, port, tls, clientAuthoritiesPem, ...options }: EstServerOptions): Promise<EstServer> {
  const { log } = options;
  const sockets = new Set<TLSSocket>();
  const http = createHttpServer({ maxHeaderSize: HEAD_BYTES_MAX });
  http.on("request", (req: IncomingMessage, res: ServerResponse) => void respond(req, res, options));
  http.on("clientError", (_error, socket) => socket.destroy());
  const server = createTlsServer({
    cert: tls.certPem,
    key: tls.keyPem,
    ca: clientAuthoritiesPem,
    requestCert: true,
    rejectUnauthorized: false,
    minVersion: "TLSv1.3",
    handshakeTimeout: HANDSHAKE_MAX_MS,
  });
  // From its first byte, or its silence: a handshake that never ends takes room as well.
  server.on("connection", (socket: TLSSocket) => {
    socket.on("error", () => socket.destroy());
    if (sockets.size >= CONNECTIONS_MAX) return void socket.destroy();
    sockets.add(socket);
    // One request and its answer: whoever takes longer makes room for the others.
    const overdue = setTimeout(() => socket.destroy(), CONNECTION_MAX_MS);
    socket.once("close", () => {
      clearTimeout(overdue);
      sockets.delete(socket);
    });
  });
  server.on("secureConnection", (socket) => http.emit("connection", socket));
  server.on("tlsClientError", (error, socket) => {
    log.warn({ peer: socket.remoteAddress, refusal: error.message }, "handshake failed");
    // The runtime tells of a handshake that ran out of time and leaves its socket open.
    socket.destroy();
  });
  await listen(server, port, hostname);
  return {
    port: (server.address() as AddressInfo).port,
    stop: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of sockets) socket.destroy();
      await closed;
    },
  };
}

type Ports = Pick<EstServerOptions, "issuer" | "log">;

async function respond(req: IncomingMessage, res: ServerResponse, ports: Ports): Promise<void> {
  const { status, headers, body } = await answer(req, ports).catch((error: unknown) => refusal(error, req, ports));
  if (res.destroyed) return;
  // One request a connection: enrolment is rare, and each deserves a handshake of its own.
  res.writeHead(status, { ...headers, "content-length": Buffer.byteLength(body), connection: "close" });
  res.end(body);
}

async function answer(req: IncomingMessage, { issuer, log }: Ports): Promise<HttpAnswer> {
  const name = req.url?.startsWith(BASE) === true ? req.url.slice(BASE.length) : "";
  if (req.method === "GET" && name === "cacerts") return certificatesAnswer(issuer.authorities);
  if (req.method === "GET" && name === "csrattrs") return attributesAnswer();
  const operation = req.method === "POST" ? OPERATIONS.get(name) : undefined;
  if (operation === undefined) return plainAnswer(404, "There is cacerts, csrattrs (GET), simpleenroll and simplereenroll (POST).");
  if (!/^application\/pkcs10\b/i.test(req.headers["content-type"] ?? "")) return plainAnswer(415, "The body must be application/pkcs10.");
  const body = await readBody(req);
  if (body === undefined) return plainAnswer(413, `A request has at most ${REQUEST_BYTES_MAX} bytes.`);
  const outcome = await issuer.answer(operation, certificateOf(req), body);
  log.info({ operation, outcome: outcome.kind, peer: req.socket.remoteAddress }, "enrolment");
  return outcome.kind === "wait" ? waitAnswer() : certificatesAnswer([outcome.der]);
}

/** A peer never sees more of a fault of ours than that there was one. */
function refusal(error: unknown, req: IncomingMessage, { log }: Ports): HttpAnswer {
  if (!(error instanceof EdictError)) {
    log.error({ err: error, url: req.url }, "enrolment failed");
    return plainAnswer(500, "The server failed. Send the same request again later.");
  }
  log.warn({ reason: error.code, detail: error.message, peer: req.socket.remoteAddress }, "enrolment refused");
  return refusalAnswer(error);
}

function certificateOf({ socket }: IncomingMessage): X509Certificate | undefined {
  return socket instanceof TLSSocket ? socket.getPeerX509Certificate() : undefined;
}

/** undefined when it is too long: it is not read to its end. */
async function readBody(req: IncomingMessage): Promise<Uint8Array | undefined> {
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of req as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > REQUEST_BYTES_MAX) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks);
}

function listen(server: Server, port: number, hostname: string): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(port, hostname, () => {
      server.off("error", reject);
      resolve();
    });
  });
}
