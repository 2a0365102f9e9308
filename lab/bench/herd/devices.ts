/**
 * A herd in a process of its own: each device has its own certificate and the agent's real depot client, starts when x-swup §3.3 says, and
 * fetches one blob. Arguments: port, digest, bytes, spread in ms, command id, the workshop's folder. Says when each started and ended.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { plannedStartMs } from "../../../src/campaign/load-curve.ts";
import { DepotClient } from "../../../src/depot/client/index.ts";

const [port = "", sha256 = "", size = "", spreadMs = "", commandId = "", workshop = ""] = process.argv.slice(2);
const caPem = readFileSync(join(workshop, "ca.pem"), "utf8");
const identities = JSON.parse(readFileSync(join(workshop, "devices.json"), "utf8")) as readonly { id: string; cert: string; key: string }[];
const toldMs = Date.now();
let failed = 0;

const endsMs = await Promise.all(identities.map(live));
console.log(JSON.stringify({ event: "done", toldMs, failed, lastMs: Math.max(...endsMs) - toldMs }));

async function live({ id, cert, key }: (typeof identities)[number]): Promise<number> {
  const client = new DepotClient({
    depots: [`https://127.0.0.1:${port}`],
    tls: { caPem, certPem: cert, keyPem: key },
    tufDir: workshop,
    trustedRoot: new Uint8Array(),
    clock: { nowMs: Date.now },
    random: Math.random,
  });
  await Bun.sleep(plannedStartMs(id, { toldMs, commandId, spreadMs: Number(spreadMs) }) - Date.now());
  let startAt = 0;
  const onChunk = (bytes: Uint8Array) => Promise.resolve(void (startAt += bytes.length));
  while (startAt < Number(size)) {
    // What ends a visit to the depot does not end the update: a real agent waits and goes on as well.
    await client.fetchBlob({ sha256, size: Number(size), startAt, onChunk }).catch(() => void (failed += 1));
  }
  return Date.now();
}
