/**
 * Load for `bench:https`: each connection sends its next request when the last one was answered. Raw sockets, because a client that
 * parses more than it must would be the bench. Arguments: port, tls | plain, features | update, connections, folder; "stop" ends it.
 */
import type { Socket } from "bun";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { OPENC2_JSON } from "../../../src/channel/push/media-type.ts";
import { issueClient, loadAuthority } from "../../../src/trust/sign/certificate-authority.ts";

const [port, mode, what, connections, folder = ""] = process.argv.slice(2);
const read = (name: string) => readFileSync(join(folder, name), "utf8");
/** Answers until code is compiled and all connections stand. */
const WARM_UP = 10_000;
const HEAD_END = Buffer.from("\r\n\r\n");
let answered = 0;
let failed = 0;
let isStopping = false;
let sent = 0;

const tls = mode === "tls" ? await identity() : undefined;
const run = process.pid.toString(36);
const ends = Array.from({ length: Number(connections) }, converse);
process.stdin.once("data", () => (isStopping = true));
await Promise.all(ends);
console.log(JSON.stringify({ event: "stopped", answered, failed }));
process.exit(0);

async function converse(): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  let text: Buffer = Buffer.alloc(0);
  const next = (socket: Socket) => void socket.write(request());
  await Bun.connect({
    hostname: "127.0.0.1",
    port: Number(port),
    ...(tls && { tls }),
    socket: {
      open: (socket) => (tls === undefined ? next(socket) : undefined),
      handshake: next,
      data(socket, chunk) {
        text = text.length === 0 ? chunk : Buffer.concat([text, chunk]);
        const end = text.indexOf(HEAD_END);
        if (end < 0) return;
        const head = text.toString("latin1", 0, end);
        if (text.length < end + 4 + Number(/content-length: (\d+)/i.exec(head)?.[1])) return;
        text = Buffer.alloc(0);
        if (head.startsWith("HTTP/1.1 200")) answered += 1;
        else failed += 1;
        if (answered === WARM_UP) console.log(JSON.stringify({ event: "warm" }));
        if (isStopping) socket.end();
        else next(socket);
      },
      close: () => resolve(),
    },
  });
  return promise;
}

function request(): string {
  sent += 1;
  const id = `${run}-${sent}`;
  const body = what === "update" ? update(id) : features(id);
  return `POST /.well-known/openc2 HTTP/1.1\r\nHost: localhost\r\nContent-Type: ${OPENC2_JSON}\r\nAccept: ${OPENC2_JSON}\r\nDate: Wed, 25 Nov 2026 00:00:00 GMT\r\nCache-Control: no-cache\r\nX-Request-ID: ${id}\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

function features(id: string): string {
  return `{"headers":{"request_id":"${id}","created":1795564800000,"from":"p.example"},"body":{"openc2":{"request":{"action":"query","target":{"features":["versions","profiles","pairs"]}}}}}`;
}

/** The use case's, for a consumer that is to say nothing; each a command of its own, or the second would only be recognised. */
function update(id: string): string {
  return `{"headers":{"created":1795564800000,"from":"manage-my-iot.isp.example"},"body":{"openc2":{"request":{"action":"update","target":{"x-swup:software":{"vendor":"famousMaker","name":"famousModel","old_version":"1.2.3","new_version":"2.3.4","source":"https://updates.famousmaker.example/ub_x64/patch.bin","size":7340032,"hashes":{"sha256":"5C2D6DAAF85A710605678F8E7EF0B725B33303F3234197B9DC4B46196734A4F0"}}},"args":{"response_requested":"none","x-swup":{"not_after":4102444800000,"spread":600000}},"command_id":"${id}"}}}}`;
}

async function identity() {
  const authority = await loadAuthority(read("ca.pem"), read("ca.key"));
  const { certificatePem, privateKeyPem } = await issueClient(authority, { name: "producer.example", nowMs: Date.now() });
  return { ca: read("ca.pem"), cert: certificatePem, key: privateKeyPem, serverName: "localhost" };
}
