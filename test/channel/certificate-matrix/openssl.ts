/**
 * Certificates made by the openssl command, because a library of ours would share our mistakes: good ones, bad ones, and
 * some that no issuer would sign. Also its TLS client, which presents any of them and can resume a session with them.
 */
import { spawn, spawnSync } from "node:child_process";
import { sign } from "node:crypto";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { upgradeRequest } from "../../../src/channel/wire/index.ts";

/** Paths of PEM files. */
export interface Identity {
  readonly certificate: string;
  readonly key: string;
  /** What the client sends beside its own certificate. */
  readonly chain?: string;
}

export interface Recipe {
  readonly subject?: string;
  /** As for `genpkey`: EC curve, or `rsa:<bits>`. */
  readonly key?: string;
  /** Absent: signed with its own key. */
  readonly issuer?: Identity;
  /** Lines of an openssl extension section. */
  readonly extensions: readonly string[];
  /** Days from now; the default is from yesterday until tomorrow. */
  readonly fromDays?: number;
  readonly untilDays?: number;
  readonly digest?: string;
  /** Decimal, may be negative. */
  readonly serial?: string;
}

export interface Dialled {
  readonly isOpen: boolean;
  readonly isResumed: boolean;
}

const DAY_MS = 86_400_000;

export function hasOpenssl(): boolean {
  return spawnSync("openssl", ["version"], { stdio: "ignore" }).status === 0;
}

export class Openssl {
  readonly #folder: string;
  #count = 0;

  constructor(folder: string) {
    this.#folder = folder;
    writeFileSync(this.#path("index"), "");
  }

  remove(): void {
    rmSync(this.#folder, { recursive: true });
  }

  /** A new key and a certificate for it. */
  issue(recipe: Recipe): Identity {
    const key = this.#key(recipe.key ?? "P-256");
    const certificate = this.#file();
    const request = this.#file();
    const config = this.#config(recipe);
    const subject = recipe.subject ?? "/CN=device";
    this.#run(["req", "-new", "-config", config, "-key", key, "-subj", subject, "-multivalue-rdn", "-out", request]);
    const signer = recipe.issuer === undefined ? ["-selfsign", "-keyfile", key] : authorityArguments(recipe.issuer);
    const dates = ["-startdate", asn1Time(recipe.fromDays ?? -1), "-enddate", asn1Time(recipe.untilDays ?? 1)];
    const sign = ["ca", "-batch", "-notext", "-config", config, "-md", recipe.digest ?? "sha256"];
    this.#run([...sign, ...signer, ...dates, "-in", request, "-out", certificate]);
    return { certificate, key };
  }

  /** What `openssl ca` will not make: a chosen serial number, and version 1 when there are no extensions. */
  issuePlainly(recipe: Recipe & { readonly issuer: Identity }): Identity {
    const key = this.#key(recipe.key ?? "P-256");
    const certificate = this.#file();
    const request = this.#file();
    const config = this.#config(recipe);
    this.#run(["req", "-new", "-config", config, "-key", key, "-subj", recipe.subject ?? "/CN=device", "-out", request]);
    const extensions = recipe.extensions.length > 0 ? ["-extfile", config, "-extensions", "extensions"] : [];
    const authority = ["-CA", recipe.issuer.certificate, "-CAkey", recipe.issuer.key, "-set_serial", recipe.serial ?? "1"];
    this.#run(["x509", "-req", "-in", request, ...authority, ...extensions, "-days", "1", "-out", certificate]);
    return { certificate, key };
  }

  /** The same certificate with other bytes: under the same signature, or signed anew as no tool would do it. */
  alter(identity: Identity, change: (der: Buffer) => void, signer?: Identity): Identity {
    const pem = readFileSync(identity.certificate, "utf8");
    const der = Buffer.from(pem.replaceAll(/-----[^-]+-----|\s/g, ""), "base64");
    change(der);
    const certificate = this.#file();
    writeFileSync(certificate, pemOf("CERTIFICATE", signer === undefined ? der : signAnew(der, readFileSync(signer.key, "utf8"))));
    return { ...identity, certificate };
  }

  /** A stolen certificate: the thief's key file claims the owner's public key, so that no tool notices, but cannot sign for it. */
  steal(owner: Identity): Identity {
    const keyDer = (path: string) => this.#run(["ec", "-in", path, "-outform", "DER"]);
    const [stolen, own] = [keyDer(owner.key), keyDer(this.#key("P-256"))];
    // ECPrivateKey (RFC 5915 §3) ends with the public key: 65 bytes for P-256.
    stolen.copy(own, own.length - 65, stolen.length - 65);
    const key = this.#file();
    writeFileSync(key, pemOf("EC PRIVATE KEY", own));
    return { certificate: owner.certificate, key };
  }

  /** Asks for a channel on this port; `sessionFile` is read when `resumes`, and written else. Resolves with the answer or the end. */
  async dial(
    port: number,
    identity: Identity | undefined,
    session: { readonly file: string; readonly resumes: boolean },
  ): Promise<Dialled> {
    const presents = identity === undefined ? [] : ["-cert", identity.certificate, "-key", identity.key];
    const sends = identity?.chain === undefined ? [] : ["-cert_chain", identity.chain];
    const common = ["s_client", "-connect", `127.0.0.1:${port}`, "-servername", "localhost", "-tls1_3", "-nocommands"];
    const weak = ["-cipher", "ALL:@SECLEVEL=0"];
    const resumption = [session.resumes ? "-sess_in" : "-sess_out", session.file];
    const client = spawn("openssl", [...common, ...weak, ...presents, ...sends, ...resumption]);
    client.stdin.on("error", () => {});
    client.stdin.write(upgradeRequest("localhost", "dGhlIHNhbXBsZSBub25jZQ=="));
    let said = "";
    const { promise, resolve } = Promise.withResolvers<void>();
    client.stdout.on("data", (chunk: Buffer) => {
      said += chunk.toString("latin1");
      if (said.includes("HTTP/1.1 ")) client.stdin.end();
    });
    client.on("close", resolve);
    await promise;
    return { isOpen: said.includes("HTTP/1.1 101"), isResumed: said.includes("Reused, TLSv1.3") };
  }

  sessionFile(): string {
    return this.#file();
  }

  #key(kind: string): string {
    const path = this.#file();
    const [algorithm, option] = kind.startsWith("rsa:")
      ? ["RSA", `rsa_keygen_bits:${kind.slice("rsa:".length)}`]
      : ["EC", `ec_paramgen_curve:${kind}`];
    this.#run(["genpkey", "-algorithm", algorithm, "-pkeyopt", option, "-out", path]);
    return path;
  }

  #config({ extensions }: Recipe): string {
    const path = this.#file();
    writeFileSync(
      path,
      `[req]\ndistinguished_name=any\n[any]\n[ca]\ndefault_ca=signer\n[signer]\ndatabase=${this.#path("index")}\n` +
        `new_certs_dir=${this.#folder}\npolicy=policy\nunique_subject=no\nrand_serial=yes\n${extensions.length > 0 ? "x509_extensions=extensions\n" : ""}` +
        `[policy]\ncommonName=optional\n[extensions]\n${extensions.join("\n")}\n`,
    );
    return path;
  }

  #run(args: readonly string[]): Buffer {
    const { status, stdout, stderr } = spawnSync("openssl", args);
    if (status !== 0) throw new Error(`openssl ${args.join(" ")}: ${stderr}`);
    return stdout;
  }

  #file(): string {
    this.#count += 1;
    return this.#path(String(this.#count));
  }

  #path(name: string): string {
    return join(this.#folder, name);
  }
}

function authorityArguments({ certificate, key }: Identity): readonly string[] {
  return ["-cert", certificate, "-keyfile", key];
}

function asn1Time(days: number): string {
  return `${new Date(Date.now() + days * DAY_MS).toISOString().replaceAll(/[-:T]|\.\d+/g, "")}`;
}

/** Certificate ::= SEQUENCE of what is signed, algorithm, BIT STRING (RFC 5280 §4.1); the first two lengths take two bytes. */
function signAnew(der: Buffer, key: string): Buffer {
  const signedEnd = 8 + der.readUInt16BE(6);
  const signed = der.subarray(4, signedEnd);
  const algorithm = der.subarray(signedEnd, signedEnd + 2 + der.readUInt8(signedEnd + 1));
  const signature = sign("sha256", signed, key);
  const body = Buffer.concat([signed, algorithm, Buffer.from([0x03, signature.length + 1, 0]), signature]);
  return Buffer.concat([Buffer.from([0x30, 0x82, body.length >> 8, body.length & 0xff]), body]);
}

function pemOf(label: string, der: Buffer): string {
  return `-----BEGIN ${label}-----\n${der.toString("base64").replaceAll(/(.{64})/g, "$1\n")}\n-----END ${label}-----\n`;
}
