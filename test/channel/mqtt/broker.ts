/** A real mosquitto for the tests: mutual TLS, an access list, and a session store that survives a restart. */
import { type ChildProcess, spawn, spawnSync } from "node:child_process";
import { test } from "bun:test";
import { once } from "node:events";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { connect, type IClientOptions, type MqttClient } from "mqtt";
import { type BrokerOptions, makeClientId } from "../../../src/channel/mqtt/index.ts";
import { type Authority, createAuthority, issueDevice, issueServer } from "../../../src/trust/sign/certificate-authority.ts";

export const hasMosquitto = spawnSync("mosquitto", ["-h"], { stdio: "ignore" }).error === undefined;
const skipReason = hasMosquitto ? "" : " (skipped: Debian's mosquitto is not installed)";

/** A test that goes through a broker. Skipped aloud without one. */
export function through(name: string, run: () => Promise<void>, timeoutMs?: number): void {
  test.skipIf(!hasMosquitto)(`${name}${skipReason}`, run, timeoutMs);
}

/** Who may do what: devices are users named by their certificates; `isp` commands. */
const ACCESS = `
user isp
topic readwrite oc2/#

pattern read oc2/cmd/all
pattern read oc2/cmd/ap/#
pattern read oc2/cmd/device/%u
pattern read oc2/cmd/device/urn:dev:ops:%u
pattern write oc2/rsp
pattern write oc2/rsp/+
pattern write oc2/rsp/+/urn:dev:ops:%u
`;

const silent = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };

export class TestBroker {
  readonly directory = mkdtempSync(join(tmpdir(), "edict-broker-"));
  readonly authority: Authority;
  readonly port: number;
  #process: ChildProcess | undefined;

  private constructor(authority: Authority, port: number) {
    this.authority = authority;
    this.port = port;
  }

  static async start(): Promise<TestBroker> {
    const nowMs = Date.now();
    const authority = await createAuthority("devices", { nowMs });
    const broker = new TestBroker(authority, freePort());
    const server = await issueServer(authority, { names: ["127.0.0.1"], nowMs });
    await broker.#configure(server);
    await broker.run();
    return broker;
  }

  get url(): string {
    return `mqtts://127.0.0.1:${this.port}`;
  }

  async run(): Promise<void> {
    const child = spawn("mosquitto", ["-c", join(this.directory, "mosquitto.conf")], { stdio: ["ignore", "ignore", "pipe"] });
    this.#process = child;
    let log = "";
    for await (const chunk of child.stderr) {
      log += String(chunk);
      if (log.includes("running")) break;
    }
    if (!log.includes("running")) throw new Error(`mosquitto does not start: ${log}`);
    child.stderr.destroy();
  }

  /** Ends it; its sessions are on disk. */
  async halt(): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null) return;
    const gone = once(child, "exit");
    child.kill("SIGTERM");
    await gone;
  }

  async end(): Promise<void> {
    await this.halt();
    rmSync(this.directory, { recursive: true, force: true });
  }

  /** What a client needs whose certificate names it so. */
  async options(name: string): Promise<BrokerOptions> {
    return { url: this.url, clientId: makeClientId(), tls: await this.#tls(name), random: () => 0, log: silent };
  }

  /** The library itself, for peers that do as they please. */
  async raw(name: string, options: IClientOptions = {}): Promise<MqttClient> {
    const { caPem, certPem, keyPem } = await this.#tls(name);
    const client = connect(this.url, { ca: caPem, cert: certPem, key: keyPem, protocolVersion: 5, reconnectPeriod: 0, ...options });
    await new Promise((resolve) => client.once("connect", resolve));
    return client;
  }

  async #tls(name: string) {
    const issued = await issueDevice(this.authority, { id: `urn:dev:ops:${name}`, nowMs: Date.now() });
    return { caPem: this.authority.certificatePem, certPem: issued.certificatePem, keyPem: issued.privateKeyPem };
  }

  async #configure({ certificatePem, privateKeyPem }: { readonly certificatePem: string; readonly privateKeyPem: string }): Promise<void> {
    const at = (name: string) => join(this.directory, name);
    mkdirSync(at("store"));
    writeFileSync(at("ca.pem"), this.authority.certificatePem);
    writeFileSync(at("server.pem"), certificatePem);
    writeFileSync(at("server.key"), privateKeyPem);
    writeFileSync(at("access"), ACCESS, { mode: 0o600 });
    const user = process.getuid?.() === 0 ? "user root\n" : "";
    writeFileSync(
      at("mosquitto.conf"),
      `${user}listener ${this.port} 127.0.0.1
cafile ${at("ca.pem")}
certfile ${at("server.pem")}
keyfile ${at("server.key")}
require_certificate true
use_identity_as_username true
tls_version tlsv1.3
acl_file ${at("access")}
persistence true
persistence_location ${at("store")}/
`,
    );
  }
}

/** mosquitto has no port 0: one that was free just now. */
function freePort(): number {
  const listener = Bun.listen({ hostname: "127.0.0.1", port: 0, socket: { data() {} } });
  const { port } = listener;
  listener.stop(true);
  return port;
}
