/** A manager with its API and an issuing process over real TLS, factories with authorities of their own, and an EST client that sends what a test wants. */
import "reflect-metadata";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { request } from "node:https";
import { tmpdir } from "node:os";
import { join } from "node:path";
import {
  Pkcs10CertificateRequestGenerator,
  SubjectAlternativeNameExtension,
  X509Certificate,
  X509CertificateGenerator,
} from "@peculiar/x509";
import pino from "pino";
import { makeContext } from "../../src/cli/context.ts";
import { initState } from "../../src/cli/init.ts";
import { startIssuing } from "../../src/cli/issuing.ts";
import { signerOf } from "../../src/cli/keys/key-ring.ts";
import { makeOutput } from "../../src/cli/output.ts";
import type { EstServer } from "../../src/enrolment/est/server.ts";
import { ApiClient } from "../../src/server/client.ts";
import { type Manager, startManager } from "../../src/server/manager.ts";
import { statePaths } from "../../src/server/state-directory.ts";
import { parseCertsOnly } from "../../src/trust/certs-only.ts";
import { denyListPayload } from "../../src/trust/permit.ts";
import { type Authority, createAuthority } from "../../src/trust/sign/certificate-authority.ts";
import { sign } from "../../src/trust/sign/index.ts";

export const P256 = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
const DAY_MS = 86_400_000;
const log = pino({ level: "silent" });

export interface ClientIdentity {
  readonly certificatePem: string;
  readonly keyPem: string;
}

export interface EstReply {
  readonly status: number;
  readonly type: string;
  readonly retryAfter: string | undefined;
  readonly text: string;
  /** PEM */
  readonly certificates: readonly string[];
}

export class EnrolmentWorld {
  readonly directory = mkdtempSync(join(tmpdir(), "edict-enrolment-"));
  readonly paths = statePaths(this.directory);
  skewMs = 0;
  factory!: Authority;
  otherFactory!: Authority;
  issuing!: EstServer;
  #manager: Manager | undefined;
  readonly #clock = { nowMs: () => Date.now() + this.skewMs };

  /** `vendors`: famousMaker and otherMaker, each with its own authority. */
  static async start(enrolment: object = {}): Promise<EnrolmentWorld> {
    const world = new EnrolmentWorld();
    const nowMs = Date.now();
    await initState({
      directory: world.directory,
      tenant: "isp.example",
      people: ["author", "approver"],
      passphraseOf: "plain",
      hostname: "127.0.0.1",
      ports: { gateway: 0, depot: 0, api: 0, enrolment: 0 },
      depotBitsPerSecond: 1e9,
      // An authority older than the oldest certificate that a test needs.
      nowMs: nowMs - 100 * DAY_MS,
    });
    world.factory = await createAuthority("famousMaker factory", { nowMs });
    world.otherFactory = await createAuthority("otherMaker factory", { nowMs });
    writeFileSync(join(world.directory, "ca", "famousMaker.pem"), world.factory.certificatePem);
    writeFileSync(join(world.directory, "ca", "otherMaker.pem"), world.otherFactory.certificatePem);
    const config = JSON.parse(readFileSync(world.paths.config, "utf8"));
    const factories = ["famousMaker", "otherMaker"].map((vendor) => ({ vendor, authority: `ca/${vendor}.pem` }));
    writeFileSync(world.paths.config, JSON.stringify({ ...config, enrolment: { ...config.enrolment, factories, ...enrolment } }));
    const clock = world.#clock;
    world.#manager = await startManager({ directory: world.directory, hasGateway: true, clock, random: Math.random, log });
    world.issuing = await startIssuing(world.paths, { clock, log });
    return world;
  }

  async stopManager(): Promise<void> {
    await this.#manager?.stop();
    this.#manager = undefined;
  }

  async stop(): Promise<void> {
    await this.issuing.stop();
    await this.stopManager();
    rmSync(this.directory, { recursive: true, force: true });
  }

  client(person: string): ApiClient {
    const token = readFileSync(join(this.paths.tokens, `${person}.token`), "utf8").trim();
    return new ApiClient({
      url: `https://127.0.0.1:${this.ports.api}`,
      caPem: readFileSync(this.paths.authority, "utf8"),
      token,
    });
  }

  get ports(): Manager["ports"] {
    if (this.#manager === undefined) throw new Error("the manager was stopped");
    return this.#manager.ports;
  }

  /** Imports the device and, with a serial number, expects its factory identity. */
  async know(id: string, serial?: string, vendor = "famousMaker"): Promise<void> {
    const facts = { id, tenant: "isp.example", vendor, name: "famousModel", version: "1.2.3", hardware: "r1", region: "here" };
    await this.client("author").importDevices(JSON.stringify({ ...facts, subscribed: true, optedOut: false }), "jsonl");
    if (serial !== undefined) await this.client("author").expectDevices([{ id, vendor, serial }]);
  }

  async deny(id: string): Promise<void> {
    const signer = await signerOf(makeContext(this.directory, makeOutput(true)), "approver");
    const { version, devices } = await this.client("approver").denied();
    const payload = denyListPayload({ version: version + 1, created_ms: Date.now(), devices: [...devices, id].sort() });
    await this.client("approver").deny(await sign(payload, "deny-list", signer));
  }

  ledger(): Promise<string> {
    return this.client("author").ledger();
  }

  post(operation: string, body: string, identity?: ClientIdentity, type = "application/pkcs10"): Promise<EstReply> {
    return this.send("POST", operation, identity, body, type);
  }

  send(method: string, operation: string, identity?: ClientIdentity, body = "", type = ""): Promise<EstReply> {
    const { promise, resolve, reject } = Promise.withResolvers<EstReply>();
    const sent = request({
      host: "127.0.0.1",
      port: this.issuing.port,
      path: `/.well-known/est/${operation}`,
      method,
      ca: readFileSync(this.paths.authority, "utf8"),
      agent: false,
      headers: { ...(type !== "" && { "content-type": type }), "content-length": Buffer.byteLength(body) },
      ...(identity && { cert: identity.certificatePem, key: identity.keyPem }),
    });
    sent.on("response", (response) => {
      const chunks: Buffer[] = [];
      response.on("data", (chunk: Buffer) => chunks.push(chunk));
      response.on("end", () => {
        const text = Buffer.concat(chunks).toString();
        const type = response.headers["content-type"] ?? "";
        const isEnvelope = type.startsWith("application/pkcs7-mime");
        const ders = isEnvelope ? parseCertsOnly(Buffer.from(text, "base64")) : [];
        const certificates = ders.map((der) => new X509Certificate(new Uint8Array(der)).toString("pem"));
        resolve({ status: response.statusCode ?? 0, type, retryAfter: response.headers["retry-after"], text, certificates });
      });
    });
    sent.on("error", reject);
    sent.end(body);
    return promise;
  }
}

/** A certificate as a factory makes it: who the device is stands in its subject (IEEE 802.1AR). */
export async function factoryIdentity(
  factory: Authority,
  serial: string,
  { untilMs = Date.now() + 3_650 * DAY_MS }: { untilMs?: number } = {},
): Promise<ClientIdentity> {
  const keys = await makeKeys();
  const certificate = await X509CertificateGenerator.create({
    subject: [{ O: ["famousMaker"] }, { "2.5.4.5": [serial] }],
    issuer: factory.certificate.subjectName,
    publicKey: keys.publicKey,
    signingKey: factory.privateKey,
    signingAlgorithm: P256,
    notBefore: new Date(Date.now() - 365 * DAY_MS),
    notAfter: new Date(untilMs),
  });
  return { certificatePem: certificate.toString("pem"), keyPem: await privatePem(keys) };
}

export function makeKeys(algorithm: object = P256): Promise<CryptoKeyPair> {
  return crypto.subtle.generateKey(algorithm as EcKeyGenParams, true, ["sign", "verify"]) as Promise<CryptoKeyPair>;
}

export async function privatePem({ privateKey }: CryptoKeyPair): Promise<string> {
  const der = new Uint8Array(await crypto.subtle.exportKey("pkcs8", privateKey));
  return `-----BEGIN PRIVATE KEY-----\n${der.toBase64().replaceAll(/.{1,64}/g, "$&\n")}-----END PRIVATE KEY-----\n`;
}

/** A PKCS #10 request in base64. */
export async function csr(keys: CryptoKeyPair, names: readonly string[] = [], signingAlgorithm: object = P256): Promise<string> {
  const made = await Pkcs10CertificateRequestGenerator.create({
    name: "CN=whatever the device likes",
    keys,
    signingAlgorithm: signingAlgorithm as EcdsaParams,
    ...(names.length > 0 && { extensions: [new SubjectAlternativeNameExtension(names.map((value) => ({ type: "url" as const, value })))] }),
  });
  return made.toString("base64");
}
