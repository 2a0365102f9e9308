/**
 * The depot: serves the image repository and its blobs to devices over TLS 1.3 with client certificates. It is a cache
 * that nobody has to trust: it holds no signing key, and a device believes signatures and digests only.
 *
 * `node:tls` accepts and hands each connection to `node:http`, because the download records need the peer's certificate,
 * which Bun.serve does not show.
 */
import { createServer as createHttpServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { createServer as createTlsServer, type Server, TLSSocket } from "node:tls";
import type { Logger } from "pino";
import { identityOf, readAuthorities } from "../channel/gateway/peer-identity.ts";
import { EdictError } from "../openc2/edict-error.ts";
import type { Clock } from "../trust/clock.ts";
import type { DownloadRecord } from "./blob-response.ts";
import { Connections } from "./connections.ts";
import { type DepotFigures, Figures } from "./figures.ts";
import { HANDSHAKE_TIMEOUT_MS, REQUEST_HEADER_BYTES_MAX, STOP_GRACE_MS } from "./limits.ts";
import { type Handler, makeHandler } from "./request-handler.ts";
import { type DepotLimits, type ShedOrder, Shedding } from "./shedding.ts";

export type { DownloadRecord } from "./blob-response.ts";
export type { DepotFigures } from "./figures.ts";
export type { DepotLimits, ShedOrder } from "./shedding.ts";

export interface DepotOptions {
  /** Holds `metadata/` and `blobs/` (repository.ts). */
  readonly dir: string;
  readonly hostname: string;
  /** 0 takes a free one. */
  readonly port: number;
  /** `caPem`: the authority that issues device certificates. */
  readonly tls: { readonly certPem: string; readonly keyPem: string; readonly caPem: string };
  readonly clock: Clock;
  /** 0..1, for the spread of Retry-After. */
  readonly random: () => number;
  /** Beyond them new requests for blobs are turned away with 503. */
  readonly limits?: DepotLimits | undefined;
  readonly onDownload: (record: DownloadRecord) => void;
  readonly log: Pick<Logger, "warn" | "error">;
}

export interface Depot {
  readonly port: number;
  /** Turns a share of the requests for blobs away with 503 until told otherwise. */
  shed(order: ShedOrder): void;
  figures(): DepotFigures;
  /** Takes no new connections, gives answers under way a moment to finish, closes everything. */
  stop(): Promise<void>;
}

export async function startDepot({ dir, hostname, port, tls, clock, random, limits, onDownload, log }: DepotOptions): Promise<Depot> {
  const figures = new Figures();
  const shedding = new Shedding(random, limits);
  const connections = new Connections(figures);
  const authorities = readAuthorities(tls.caPem);
  const http = httpServer(connections, makeHandler({ dir, shedding, figures, clock, onDownload }), log);
  const server = createTlsServer({
    cert: tls.certPem,
    key: tls.keyPem,
    ca: tls.caPem,
    requestCert: true,
    rejectUnauthorized: true,
    minVersion: "TLSv1.3",
    handshakeTimeout: HANDSHAKE_TIMEOUT_MS,
  });
  const turnAway = (socket: TLSSocket, refusal: string) => {
    log.warn({ peer: socket.remoteAddress, refusal }, "connection refused");
    socket.destroy();
  };
  const handshaking = new Set<Socket>();
  server.on("connection", (socket: Socket) => {
    handshaking.add(socket);
    socket.once("close", () => handshaking.delete(socket));
  });
  server.on("secureConnection", (socket) => {
    handshaking.delete(socket);
    socket.on("error", () => socket.destroy());
    try {
      // Looked at again whatever the handshake said, as the gateway does, on resumed sessions too.
      const deviceId = identityOf(socket.getPeerX509Certificate(), authorities, clock.nowMs());
      if (!socket.authorized) return void turnAway(socket, "not authorised");
      if (!connections.admit(socket, deviceId)) return void turnAway(socket, "too many connections");
    } catch (error) {
      if (!(error instanceof EdictError)) throw error;
      return void turnAway(socket, `${error.code} ${error.message}`);
    }
    http.emit("connection", socket);
  });
  server.on("tlsClientError", (error, socket) => {
    log.warn({ peer: socket.remoteAddress, refusal: error.message }, "handshake failed");
    // The runtime tells of a handshake that ran out of time and leaves its socket open.
    socket.destroy();
  });
  await listen(server, port, hostname);
  return {
    port: (server.address() as AddressInfo).port,
    shed: (order) => shedding.order(order),
    figures: () => figures.current,
    stop: async () => {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()));
      for (const socket of handshaking) socket.destroy();
      await connections.close(STOP_GRACE_MS);
      await closed;
    },
  };
}

/** Never listens: it parses HTTP on the connections that it is handed. */
function httpServer(connections: Connections, handle: Handler, log: DepotOptions["log"]): ReturnType<typeof createHttpServer> {
  const http = createHttpServer({ maxHeaderSize: REQUEST_HEADER_BYTES_MAX });
  http.on("request", (req: IncomingMessage, res: ServerResponse) => {
    const { socket } = req;
    const deviceId = socket instanceof TLSSocket ? connections.deviceOf(socket) : undefined;
    if (!(socket instanceof TLSSocket) || deviceId === undefined) return void socket.destroy();
    connections.answerBegins(socket);
    res.once("close", () => connections.answerEnds(socket));
    handle(req, res, deviceId).catch((error: unknown) => {
      log.error({ err: error, url: req.url }, "request failed");
      if (res.headersSent) socket.destroy();
      else res.writeHead(500, { "content-length": 0 }).end();
    });
  });
  http.on("clientError", (_error, socket) => socket.destroy());
  return http;
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
