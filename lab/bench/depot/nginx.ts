/** nginx as a server of blobs: the same folder, TLS 1.3 and client certificates as the depot has. */
import { readFileSync } from "node:fs";
import { find, freePort, listening } from "../contestants/installed.ts";
import type { Workshop } from "../support/workshop.ts";

export interface BlobServer {
  readonly port: number;
  readonly pids: readonly number[];
  end(): Promise<void>;
}

/** Undefined, and said aloud, when it is not installed. */
export async function startNginx(workshop: Workshop, dir: string): Promise<BlobServer | undefined> {
  const program = find("nginx", "nginx");
  if (program === undefined) return undefined;
  const port = freePort();
  const file = workshop.write("nginx-depot.conf", configuration(workshop, dir, port));
  const server = Bun.spawn([program, "-c", file, "-p", workshop.directory], { stdio: ["ignore", "ignore", "ignore"] });
  await listening(server, port);
  return {
    port,
    pids: [server.pid, ...readFileSync(`/proc/${server.pid}/task/${server.pid}/children`, "utf8").trim().split(" ").map(Number)],
    end: async () => {
      server.kill();
      await server.exited;
    },
  };
}

function configuration(workshop: Workshop, dir: string, port: number): string {
  return `daemon off;
user root;
worker_processes 1;
worker_rlimit_nofile 20000;
pid ${workshop.path("nginx-depot.pid")};
error_log stderr crit;
events { worker_connections 19900; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000;
  default_type application/octet-stream;
  server {
    listen 127.0.0.1:${port} ssl backlog=4096;
    root ${dir};
    ssl_certificate ${workshop.path("server.pem")};
    ssl_certificate_key ${workshop.path("server.key")};
    ssl_client_certificate ${workshop.path("ca.pem")};
    ssl_verify_client on;
    ssl_protocols TLSv1.3;
  }
}
`;
}
