/** mosquitto with mutual TLS: every device subscribes to one topic with quality of service 0, one of them publishes. */
import type { Workshop } from "../support/workshop.ts";
import { publishedBy } from "./broker.ts";
import type { Contestant } from "./contestant.ts";
import { find, freePort } from "./installed.ts";

export async function startMosquitto(workshop: Workshop): Promise<Contestant | undefined> {
  const program = find("mosquitto", "mosquitto");
  if (program === undefined) return undefined;
  const port = freePort();
  const file = workshop.write(
    "mosquitto.conf",
    `listener ${port} 127.0.0.1
allow_anonymous true
cafile ${workshop.path("ca.pem")}
certfile ${workshop.path("server.pem")}
keyfile ${workshop.path("server.key")}
require_certificate true
set_tcp_nodelay true
log_type error
user root
`,
  );
  return publishedBy({ name: "mosquitto", protocol: "mqtt", port, command: [program, "-c", file] });
}
