/** A device that asks one mirror of a simulated repository: its verifier in this process, or the whole client over real TLS. */
import { ImageMetadata } from "../../../src/depot/client/image-metadata.ts";
import { MirrorFailure } from "../../../src/depot/client/mirrors.ts";
import { releaseFromTarget, targetPath } from "../../../src/depot/release.ts";
import type { RepositorySimulator } from "../repository-simulator.ts";
import { NOW_MS, World } from "../world.ts";

export const WAYS = ["in process", "over TLS"] as const;

export class AttackWorld extends World {
  /** The device's clock. */
  nowMs = NOW_MS;

  /** A device pinned to the simulator's first root. */
  async device(way: (typeof WAYS)[number], simulator: RepositorySimulator): Promise<Device> {
    const tufDir = await this.folder();
    const trustedRoot = bytesIn(simulator, "1.root.json");
    const clock = { nowMs: () => this.nowMs };
    if (way === "in process") {
      // Each look-up begins from the disk, as after a restart.
      return new Device(tufDir, async (version) => {
        const path = targetPath("famousMaker", "famousModel", version);
        const target = (await new ImageMetadata({ dir: tufDir, trustedRoot, clock }).naming(path, simulator.fetch))?.get(path);
        if (target === undefined) throw new MirrorFailure("ERR_DEPOT_RELEASE_NOT_FOUND", "has it not");
        return releaseFromTarget(path, target).counter;
      });
    }
    const url = await this.mirrorOf(simulator);
    return new Device(tufDir, async (version) => {
      const client = await this.client("", [url], { tufDir, trustedRoot, clock });
      return (await client.release("famousMaker", "famousModel", version)).counter;
    });
  }

  /** A mirror with a good certificate that answers whatever the simulator has. */
  mirrorOf(simulator: RepositorySimulator): Promise<string> {
    return this.fakeMirror((head, socket) => {
      const file = /^GET \/metadata\/(\S+) /.exec(head)?.[1] ?? "";
      simulator.asked.push(file);
      const bytes = simulator.files.get(file);
      socket.write(`HTTP/1.1 ${bytes === undefined ? "404 Not Found" : "200 OK"}\r\nContent-Length: ${bytes?.length ?? 0}\r\n\r\n`);
      if (bytes !== undefined) socket.write(bytes);
    });
  }
}

export class Device {
  readonly tufDir: string;
  readonly #counterOf: (version: string) => Promise<number>;

  constructor(tufDir: string, counterOf: (version: string) => Promise<number>) {
    this.tufDir = tufDir;
    this.#counterOf = counterOf;
  }

  /** The release counter that the device believes, or the code of what it refuses. */
  async sees(version: string): Promise<number | string> {
    try {
      return await this.#counterOf(version);
    } catch (error) {
      if (error instanceof Error && "code" in error) return String(error.code);
      throw error;
    }
  }
}

export function bytesIn(simulator: RepositorySimulator, file: string): Uint8Array {
  const bytes = simulator.files.get(file);
  if (bytes === undefined) throw new Error(`the simulator has no ${file}`);
  return bytes;
}

export function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}
