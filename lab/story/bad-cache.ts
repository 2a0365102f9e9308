/** A cache that alters the bytes it serves: a real depot over a copy of the files in which one byte of each blob is changed. */
import { cpSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import pino from "pino";
import { type Depot, startDepot } from "../../src/depot/server.ts";
import type { World } from "./world.ts";

export function startBadCache({ state, ports }: World): Promise<Depot> {
  const dir = join(state.paths.directory, "bad-cache");
  cpSync(state.paths.depot, dir, { recursive: true });
  const blobs = join(dir, "blobs", "sha256");
  for (const name of readdirSync(blobs)) {
    const bytes = readFileSync(join(blobs, name));
    const middle = bytes.length >> 1;
    bytes[middle] = (bytes[middle] ?? 0) ^ 0xff;
    writeFileSync(join(blobs, name), bytes);
  }
  return startDepot({
    dir,
    hostname: "127.0.0.1",
    port: ports.badCache,
    tls: state.tls,
    clock: { nowMs: Date.now },
    random: Math.random,
    log: pino({ level: "silent" }),
    onDownload: () => {},
  });
}
