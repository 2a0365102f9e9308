/** A folder of one bench run: the authority, the server's certificate and the compiled C programs. It goes when the bench ends. */
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type Authority, createAuthority, type Issued, issueServer } from "../../../src/trust/sign/certificate-authority.ts";

export class Workshop {
  readonly directory = mkdtempSync(join(tmpdir(), "edict-bench-"));
  readonly authority: Authority;
  readonly server: Issued;

  private constructor(authority: Authority, server: Issued) {
    this.authority = authority;
    this.server = server;
    writeFileSync(this.path("ca.pem"), authority.certificatePem);
    writeFileSync(this.path("ca.key"), authority.privateKeyPem);
    writeFileSync(this.path("server.pem"), server.certificatePem);
    writeFileSync(this.path("server.key"), server.privateKeyPem);
  }

  static async open(): Promise<Workshop> {
    const nowMs = Date.now();
    const authority = await createAuthority("bench authority", { nowMs });
    return new Workshop(authority, await issueServer(authority, { names: ["localhost", "127.0.0.1"], nowMs }));
  }

  path(name: string): string {
    return join(this.directory, name);
  }

  write(name: string, text: string): string {
    writeFileSync(this.path(name), text);
    return this.path(name);
  }

  /** Throws with what the compiler says. It needs cc, and libssl-dev for what links OpenSSL. */
  compile(name: string, sources: readonly string[], libraries: readonly string[] = []): string {
    const files = sources.map((source) => join(import.meta.dir, "../devices", source));
    const made = Bun.spawnSync(["cc", "-O2", "-o", this.path(name), ...files, ...libraries]);
    if (!made.success) throw new Error(`${name} does not compile; are cc and libssl-dev installed? ${made.stderr.toString()}`);
    return this.path(name);
  }

  close(): void {
    rmSync(this.directory, { recursive: true, force: true });
  }
}
