/**
 * The device's own certificate and key: one file, which is only ever replaced whole, so that no power cut leaves a key beside
 * another key's certificate. Before it has one, the device has its factory's. A new key is on disk before anybody hears of it, so that
 * the same request is made again after a cut.
 */
import { createPrivateKey, createPublicKey, generateKeyPairSync, type KeyObject, X509Certificate } from "node:crypto";
import { join } from "node:path";
import { type DeviceConfig, FILES, type KeyAndCertificate, splitPem } from "../config.ts";
import type { Disk } from "../disk.ts";
import { AgentError } from "../errors.ts";

const PRIVATE = 0o600;

export class Identity {
  readonly #config: DeviceConfig;
  readonly #disk: Disk;
  #pems: KeyAndCertificate;
  #isFactory: boolean;

  constructor(config: DeviceConfig, disk: Disk) {
    this.#config = config;
    this.#disk = disk;
    this.#pems = config.tls;
    this.#isFactory = !config.isEnrolled;
  }

  /** It has nothing but what its factory gave it. */
  get isFactory(): boolean {
    return this.#isFactory;
  }

  get tls(): DeviceConfig["tls"] {
    return { caPem: this.#config.tls.caPem, ...this.#pems };
  }

  get certificate(): X509Certificate {
    return new X509Certificate(this.#pems.certPem);
  }

  /** The key of a request that was not answered yet, or a new one. Durable when it resolves. */
  async nextKey(): Promise<KeyObject> {
    const path = join(this.#config.directory, FILES.nextKey);
    const kept = await this.#disk.read(path);
    if (kept !== undefined) {
      const key = createPrivateKey(Buffer.from(kept));
      // A cut between the swap and the removal of this file.
      if (!isKeyOf(key, this.certificate)) return key;
    }
    const { privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" });
    await this.#disk.replace(path, encode(pemOf(privateKey)), PRIVATE);
    return privateKey;
  }

  /** Durable when it resolves. Throws ERR_AGENT_ENROLMENT for a certificate that is not this device's, not for this key, or not its authority's. */
  async become(der: Uint8Array | undefined, key: KeyObject): Promise<void> {
    const { directory, id, tls } = this.#config;
    const certificate = new X509Certificate(der ?? new Uint8Array(0));
    if (certificate.subjectAltName !== `URI:${id}`) throw refused(`it is for ${certificate.subjectAltName}`);
    if (!isKeyOf(key, certificate)) throw refused("it is for another key");
    const authorities = (tls.caPem.match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g) ?? []).map(
      (pem) => new X509Certificate(pem),
    );
    if (!authorities.some((authority) => certificate.checkIssued(authority) && certificate.verify(authority.publicKey)))
      throw refused("another authority has issued it");
    const both = `${certificate.toString()}${pemOf(key)}`;
    await this.#disk.replace(join(directory, FILES.identity), encode(both), PRIVATE);
    this.#pems = splitPem(both);
    this.#isFactory = false;
    await this.#disk.remove(join(directory, FILES.nextKey));
  }
}

function isKeyOf(key: KeyObject, { publicKey }: X509Certificate): boolean {
  return createPublicKey(key).equals(publicKey);
}

function pemOf(key: KeyObject): string {
  return key.export({ type: "pkcs8", format: "pem" }).toString();
}

function encode(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}

function refused(why: string): AgentError {
  return new AgentError("ERR_AGENT_ENROLMENT", `the certificate is refused: ${why}`);
}
