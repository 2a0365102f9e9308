/** A small real world for the depot's tests: certificates, a published release, depots on TLS, and mirrors that misbehave. */
import { cp, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createServer, type TLSSocket } from "node:tls";
import { DepotClient, type DepotClientOptions } from "../../src/depot/client/index.ts";
import { createRepository, generateRepositoryKeys, type NewRelease, publishRelease } from "../../src/depot/repository.ts";
import { type Depot, type DepotLimits, type DownloadRecord, startDepot } from "../../src/depot/server.ts";
import { createAuthority, type Issued, issueDevice, issueServer } from "../../src/trust/sign/certificate-authority.ts";

export const NOW_MS = Date.now();
export const DEVICE_ID = "urn:dev:ops:32473-famousModel-000001";

export const authority = await createAuthority("devices", { nowMs: NOW_MS });
export const serverCertificate = await issueServer(authority, { names: ["127.0.0.1", "localhost"], nowMs: NOW_MS });
export const deviceCertificate = await issueDevice(authority, { id: DEVICE_ID, nowMs: NOW_MS });

export function tlsOf({ certificatePem, privateKeyPem }: Issued) {
  return { caPem: authority.certificatePem, certPem: certificatePem, keyPem: privateKeyPem };
}

export function newRelease(version: string, counter: number): NewRelease {
  return {
    vendor: "famousMaker",
    name: "famousModel",
    version,
    counter,
    hardware: ["r1"],
    source: "https://updates.famousmaker.example/patch",
  };
}

/** 300,000 bytes that differ from place to place. */
export const IMAGE = Uint8Array.from({ length: 300_000 }, (_, index) => (index * 31 + (index >> 8)) & 0xff);

/** Everything that a test opens is closed by `close`, last opened first. */
export class World {
  readonly downloads: DownloadRecord[] = [];
  /** What depots logged as errors: faults of ours, so `close` throws if there are any. */
  readonly errors: unknown[] = [];
  readonly keys = generateRepositoryKeys();
  readonly #closers: (() => Promise<void>)[] = [];

  async folder(): Promise<string> {
    const path = await mkdtemp(join(tmpdir(), "edict-depot-"));
    this.#closers.push(() => rm(path, { recursive: true, force: true }));
    return path;
  }

  /** A depot's folder with one release, 2.3.4. */
  async published() {
    const dir = await this.folder();
    await createRepository(dir, { keys: this.keys, nowMs: NOW_MS });
    const release = await publishRelease(dir, { keys: this.keys, release: newRelease("2.3.4", 7), image: IMAGE, nowMs: NOW_MS });
    return { dir, release };
  }

  async copyOf(dir: string): Promise<string> {
    const copy = await this.folder();
    await cp(dir, copy, { recursive: true });
    return copy;
  }

  async depot(dir: string, random: () => number = Math.random, limits?: DepotLimits): Promise<Depot & { readonly url: string }> {
    const depot = await startDepot({
      dir,
      hostname: "127.0.0.1",
      port: 0,
      tls: tlsOf(serverCertificate),
      clock: { nowMs: Date.now },
      random,
      limits,
      onDownload: (record) => this.downloads.push(record),
      log: { warn: () => undefined, error: (facts: unknown) => this.errors.push(facts) },
    });
    this.#closers.push(() => depot.stop());
    return { ...depot, url: `https://127.0.0.1:${depot.port}` };
  }

  /** A mirror with a good certificate and bad manners: `script` gets each request's head and the socket. */
  async fakeMirror(script: (head: string, socket: TLSSocket, count: number) => void): Promise<string> {
    const open = new Set<TLSSocket>();
    let count = 0;
    const { certPem: cert, keyPem: key, caPem: ca } = tlsOf(serverCertificate);
    const server = createServer({ cert, key, ca, requestCert: true, minVersion: "TLSv1.3" }, (socket) => {
      open.add(socket);
      socket.on("error", () => socket.destroy());
      socket.on("close", () => open.delete(socket));
      socket.on("data", (bytes) => {
        count += 1;
        script(bytes.toString("latin1"), socket, count);
      });
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    this.#closers.push(async () => {
      for (const socket of open) socket.destroy();
      await new Promise((resolve) => server.close(resolve));
    });
    const address = server.address();
    return `https://127.0.0.1:${typeof address === "object" ? address?.port : 0}`;
  }

  /** `random` is 0: back-off is at its shortest. */
  async patientClient(dir: string, depots: readonly string[], options: Partial<DepotClientOptions> = {}): Promise<DepotClient> {
    const trustedRoot = options.trustedRoot ?? (await readFile(join(dir, "metadata", "1.root.json")));
    const clock = { nowMs: () => NOW_MS };
    const tufDir = options.tufDir ?? (await this.folder());
    return new DepotClient({ depots, tls: tlsOf(deviceCertificate), clock, random: () => 0, ...options, tufDir, trustedRoot });
  }

  /** One that does not wait between attempts. */
  client(dir: string, depots: readonly string[], options: Partial<DepotClientOptions> = {}): Promise<DepotClient> {
    return this.patientClient(dir, depots, { sleep: () => Promise.resolve(), ...options });
  }

  async close(): Promise<void> {
    for (const closer of this.#closers.reverse()) await closer();
    this.#closers.length = 0;
    if (this.errors.length > 0) throw new Error(`a depot logged errors: ${JSON.stringify(this.errors)}`);
  }
}

/** The code of the error that a promise rejects with; throws if it does not reject. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  const error: unknown = await promise.then(
    () => new Error("it did not reject"),
    (reason: unknown) => reason,
  );
  if (error instanceof Error && "code" in error) return String(error.code);
  throw error;
}

/** Collects chunks as fetchBlob hands them out. */
export function collector() {
  const chunks: Uint8Array[] = [];
  return {
    onChunk: (bytes: Uint8Array): Promise<void> => {
      chunks.push(bytes.slice());
      return Promise.resolve();
    },
    bytes: (): Uint8Array => new Uint8Array(Buffer.concat(chunks)),
  };
}
