/** A depot in an attacker's hands: the platform's own TLS key, the manufacturer's real metadata, and one byte of every image changed. */
import { existsSync, readFileSync } from "node:fs";
import { join, normalize } from "node:path";
import type { StolenTls } from "./hostile-gateway.ts";

export class HostileDepot {
  readonly #server: Bun.Server<undefined>;
  /** How often it gave altered bytes away. */
  altered = 0;

  constructor(folder: string, { certPem, keyPem }: StolenTls) {
    this.#server = Bun.serve<undefined>({
      hostname: "127.0.0.1",
      port: 0,
      tls: { cert: certPem, key: keyPem },
      fetch: (request) => {
        const path = normalize(new URL(request.url).pathname);
        const file = join(folder, path);
        if (!existsSync(file)) return new Response(null, { status: 404 });
        const bytes = readFileSync(file);
        if (path.startsWith("/blobs/")) {
          this.altered += 1;
          bytes[bytes.length >> 1] = (bytes[bytes.length >> 1] ?? 0) ^ 0xff;
        }
        return new Response(bytes);
      },
    });
  }

  get url(): string {
    return `https://127.0.0.1:${this.#server.port}`;
  }

  async stop(): Promise<void> {
    await this.#server.stop(true);
  }
}
