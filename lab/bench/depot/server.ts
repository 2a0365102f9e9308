/** A depot in a process of its own, whose CPU a bench can count; any line on standard input makes it tell its figures. Arguments: the depot's folder, the workshop's. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { startDepot } from "../../../src/depot/server.ts";

const [dir = "", workshop = ""] = process.argv.slice(2);
const pem = (name: string) => readFileSync(join(workshop, name), "utf8");
const endsMs: number[] = [];
const depot = await startDepot({
  dir,
  hostname: "127.0.0.1",
  port: 0,
  tls: { certPem: pem("server.pem"), keyPem: pem("server.key"), caPem: pem("ca.pem") },
  clock: { nowMs: Date.now },
  random: Math.random,
  onDownload: ({ atMs, complete }) => void (complete && endsMs.push(atMs)),
  log: { warn: (facts: unknown) => console.error(facts), error: (facts: unknown) => console.error(facts) },
});
console.log(JSON.stringify({ event: "listening", port: depot.port }));
for await (const _ of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify({ event: "figures", ...depot.figures(), endsMs }));
}
