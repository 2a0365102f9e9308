/**
 * One part of the real gateway in a process of its own, as `edict gateway` runs it; only its certificates lie in the bench's
 * folder. Arguments: the facts as JSON. It says on which port it listens.
 */
import { readFileSync } from "node:fs";
import { SocketBackplane } from "../../../src/channel/backplane/socket/client.ts";
import { startGateway } from "../../../src/channel/gateway/index.ts";
import { parseDirector } from "../../../src/trust/director.ts";

export interface GatewayFacts {
  readonly socketPath: string;
  /** File of the director's document, as the certificates are files. */
  readonly director: string;
  readonly certificate: string;
  readonly key: string;
  readonly authority: string;
  readonly hostname: string;
  readonly port: number;
  readonly part: string;
  readonly parts: number;
}

const silent = () => {};
const log = { debug: silent, info: silent, warn: silent, error: (facts: object, message: string) => console.error(message, facts) };
const facts = JSON.parse(process.argv[2] ?? "") as GatewayFacts;
const backplane = new SocketBackplane({ path: facts.socketPath, part: facts.part, log });
await backplane.start();
const gateway = await startGateway({
  name: facts.part,
  hostname: facts.hostname,
  port: facts.port,
  parts: facts.parts,
  tls: {
    certPem: readFileSync(facts.certificate, "utf8"),
    keyPem: readFileSync(facts.key, "utf8"),
    caPem: readFileSync(facts.authority, "utf8"),
  },
  director: parseDirector(readFileSync(facts.director)),
  backplane,
  clock: { nowMs: Date.now },
  log,
});
console.log(JSON.stringify({ event: "listening", port: gateway.port }));
process.once("SIGTERM", () => void gateway.stop({ delayMs: 2_000 }).then(() => process.exit(0)));
