/** nginx with nchan and mutual TLS: every device subscribes over a WebSocket, the message is posted to a port of its own. */
import { readFileSync } from "node:fs";
import type { Workshop } from "../support/workshop.ts";
import type { Contestant } from "./contestant.ts";
import { find, freePort, listening } from "./installed.ts";

const MODULE = "/usr/lib/nginx/modules/ngx_nchan_module.so";

export async function startNchan(workshop: Workshop): Promise<Contestant | undefined> {
  const program = find("nginx", "nginx libnginx-mod-nchan");
  if (program === undefined || !(await Bun.file(MODULE).exists())) return undefined;
  const [port, publishPort] = [freePort(), freePort()];
  const file = workshop.write("nginx.conf", configuration(workshop, port, publishPort));
  const server = Bun.spawn([program, "-c", file, "-p", workshop.directory], { stdio: ["ignore", "ignore", "ignore"] });
  await listening(server, port);
  return {
    name: "nchan",
    protocol: "nchan",
    port,
    pids: [server.pid, ...childrenOf(server.pid)],
    prepare: async (bytes) => async () => {
      const answer = await fetch(`http://127.0.0.1:${publishPort}/publish`, { method: "POST", body: "x".repeat(bytes) });
      if (!answer.ok) throw new Error(`nchan answers ${answer.status}`);
    },
    drained: async () => {},
    end: async () => {
      server.kill();
      await server.exited;
    },
  };
}

function childrenOf(pid: number): readonly number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number);
}

function configuration(workshop: Workshop, port: number, publishPort: number): string {
  return `load_module ${MODULE};
daemon off;
user root;
worker_processes 1;
worker_rlimit_nofile 20000;
pid ${workshop.path("nginx.pid")};
error_log stderr crit;
events { worker_connections 19900; }
http {
  access_log off;
  tcp_nodelay on;
  nchan_max_reserved_memory 64M;
  server {
    listen 127.0.0.1:${port} ssl backlog=4096;
    ssl_certificate ${workshop.path("server.pem")};
    ssl_certificate_key ${workshop.path("server.key")};
    ssl_client_certificate ${workshop.path("ca.pem")};
    ssl_verify_client on;
    ssl_protocols TLSv1.3;
    ssl_buffer_size 4k;
    location = /orders {
      nchan_subscriber websocket;
      nchan_channel_id all;
      nchan_subscriber_first_message newest;
      nchan_subscriber_timeout 0;
    }
  }
  server {
    listen 127.0.0.1:${publishPort};
    location = /publish {
      nchan_publisher;
      nchan_channel_id all;
      nchan_store_messages off;
    }
  }
}
`;
}
