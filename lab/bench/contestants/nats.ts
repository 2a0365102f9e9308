/** NATS with mutual TLS: every device subscribes to one subject, one of them publishes. */
import type { Workshop } from "../support/workshop.ts";
import { publishedBy } from "./broker.ts";
import type { Contestant } from "./contestant.ts";
import { find, freePort } from "./installed.ts";

export async function startNats(workshop: Workshop): Promise<Contestant | undefined> {
  const program = find("nats-server", "nats-server");
  if (program === undefined) return undefined;
  const port = freePort();
  const file = workshop.write(
    "nats.conf",
    `listen: "127.0.0.1:${port}"
max_connections: 100000
write_deadline: "10s"
ping_interval: "10m"
tls {
  cert_file: "${workshop.path("server.pem")}"
  key_file: "${workshop.path("server.key")}"
  ca_file: "${workshop.path("ca.pem")}"
  verify: true
  timeout: 10
}
`,
  );
  return publishedBy({ name: "nats", protocol: "nats", port, command: [program, "-c", file] });
}
