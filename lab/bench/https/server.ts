/**
 * The process whose CPU `bench:https` counts: a consumer with the real runtime and a durable queue behind the real transfer, the
 * transfer alone, or a bare server that says hello. Arguments: edict | transfer | hello | node-https | node-tls, tls | plain, the workshop's folder. "begin" and "end" on standard input.
 */
import { readFileSync } from "node:fs";
import { createServer as createHttp, type IncomingMessage, type ServerResponse } from "node:http";
import { createServer as createHttps } from "node:https";
import { type AddressInfo, createServer as createTcp, type Server, type Socket } from "node:net";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { createServer as createTls } from "node:tls";
import { startConsumer } from "../../../src/channel/consumer/driver.ts";
import { SqliteCommandStore } from "../../../src/channel/consumer/sqlite/command-store.ts";
import { HttpsConsumer } from "../../../src/channel/push/index.ts";
import type { ConsumerPort } from "../../../src/openc2/consumer/port.ts";
import { xSwup } from "../../../src/openc2/profiles/x-swup/profile.ts";

const [kind, mode, folder = ""] = process.argv.slice(2);
const read = (name: string) => readFileSync(join(folder, name), "utf8");
const tls = mode === "tls" ? { certPem: read("server.pem"), keyPem: read("server.key"), caPem: read("ca.pem") } : undefined;
/** As long as an answer to `query features`. */
const CONSTANT = { kind: "message", status: 200, bytes: new Uint8Array(256).fill(0x20) } as const;
let served = 0;
let updated = 0;
const port = await start();
let before = process.cpuUsage();
let servedBefore = 0;

say({ event: "listening", port });
createInterface({ input: process.stdin }).on("line", (line) => {
  if (line === "begin") {
    before = process.cpuUsage();
    servedBefore = served;
    say({ event: "begun" });
    return;
  }
  const { user, system } = process.cpuUsage(before);
  say({ event: "ended", requests: served - servedBefore, cpuSeconds: (user + system) / 1e6, updated });
});

async function start(): Promise<number> {
  if (kind === "hello") return hello();
  if (kind === "node-https") return listening(tls === undefined ? createHttp(helloNode) : createHttps(secure(tls), helloNode));
  if (kind === "node-tls") {
    const http = createHttp(helloNode);
    const hand = (socket: Socket) => void http.emit("connection", socket);
    return listening(tls === undefined ? createTcp(hand) : createTls(secure(tls), hand));
  }
  return listen(kind === "edict" ? runtime() : { receive: async () => CONSTANT });
}

function runtime(): ConsumerPort {
  return startConsumer({
    names: ["consumer.example"],
    store: new SqliteCommandStore(join(folder, `queue-${mode}.db`)),
    authorise: () => 200,
    ratePerMinute: 1e9,
    handlers: [
      {
        profile: xSwup,
        action: "update",
        target: "x-swup:software",
        handle: async () => {
          updated += 1;
          return { status: 200 };
        },
      },
    ],
  });
}

function listen(consumer: ConsumerPort): number {
  const counted: ConsumerPort["receive"] = async (delivery) => {
    const answer = await consumer.receive(delivery);
    if (answer.status === 200) served += 1;
    return answer;
  };
  return new HttpsConsumer({
    hostname: "127.0.0.1",
    port: 0,
    ...(tls === undefined ? { testing: true } : { tls }),
    consumer: { receive: counted },
    // The limit of one producer is not what is measured.
    requestsPerSecondMax: 1e9,
    clock: { nowMs: Date.now },
    random: Math.random,
    log: { info() {}, warn: (facts, text) => console.error(text, facts), error: (facts, text) => console.error(text, facts) },
  }).port;
}

function hello(): number {
  const server = Bun.serve({
    hostname: "127.0.0.1",
    port: 0,
    ...(tls && { tls: secure(tls) }),
    fetch: async (request) => {
      await request.bytes();
      served += 1;
      return new Response("hello");
    },
  });
  return server.port ?? 0;
}

function helloNode(request: IncomingMessage, response: ServerResponse): void {
  request.resume().on("end", () => {
    served += 1;
    response.writeHead(200, { "content-type": "text/plain", "content-length": 5 }).end("hello");
  });
}

function listening(server: Server): Promise<number> {
  return new Promise((resolve) => server.listen(0, "127.0.0.1", () => resolve((server.address() as AddressInfo).port)));
}

function secure({ certPem, keyPem, caPem }: NonNullable<typeof tls>) {
  return { cert: certPem, key: keyPem, ca: caPem, requestCert: true, rejectUnauthorized: true };
}

function say(facts: object): void {
  console.log(JSON.stringify(facts));
}
