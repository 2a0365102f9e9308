/**
 * Many devices that fetch one blob, in a process of their own: raw requests on TLS sockets, so that they cost as little as they can and the
 * same whoever serves. Arguments: port, path, bytes of the blob, devices, bytes of a range (0: the whole), the workshop's folder.
 * Between "go" and "stop" they ask again and again on standing connections; what is under way at "stop" is read to its end.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { connect, type TLSSocket } from "node:tls";
import { BodyReader } from "./body-reader.ts";

const [port = "", path = "", size = "", devices = "", rangeBytes = "", workshop = ""] = process.argv.slice(2);
const ca = readFileSync(join(workshop, "ca.pem"), "utf8");
const identities = JSON.parse(readFileSync(join(workshop, "devices.json"), "utf8")) as readonly { cert: string; key: string }[];
const stopping = new AbortController();
let bytes = 0;
let answers = 0;

const sockets = await Promise.all(Array.from({ length: Number(devices) }, (_, index) => dial(index)));
say({ event: "warm" });
const lines = createInterface({ input: process.stdin })[Symbol.asyncIterator]();
await lines.next();
const working = sockets.map(ask);
await lines.next();
stopping.abort();
await Promise.all(working);
say({ event: "stopped", bytes, answers });
for (const socket of sockets) socket.destroy();

async function ask(socket: TLSSocket, index: number): Promise<void> {
  const reader = new BodyReader(socket);
  for (let turn = index; !stopping.signal.aborted; turn += 1) {
    socket.write(`GET ${path} HTTP/1.1\r\nHost: depot\r\n${rangeOf(turn)}\r\n`);
    // Not in one statement: others add to it while this one waits.
    const answered = await reader.answer();
    bytes += answered;
    answers += 1;
  }
}

/** Another part each time, so that no server answers from what it has just read. */
function rangeOf(turn: number): string {
  const each = Number(rangeBytes);
  if (each === 0) return "";
  const first = (turn * 7 * each) % (Number(size) - each);
  return `Range: bytes=${first}-${first + each - 1}\r\n`;
}

function dial(index: number): Promise<TLSSocket> {
  const { cert, key } = identities[index % identities.length] ?? { cert: "", key: "" };
  return new Promise((resolve, reject) => {
    const socket = connect({ host: "127.0.0.1", port: Number(port), ca, cert, key, servername: "localhost" }, () => resolve(socket));
    socket.once("error", reject);
  });
}

function say(event: object): void {
  console.log(JSON.stringify(event));
}
