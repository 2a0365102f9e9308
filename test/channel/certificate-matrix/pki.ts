/** The authorities of the matrix, those that the gateway trusts and others, and what a case is. */
import { readFileSync } from "node:fs";
import type { ChannelErrorCode } from "../../../src/channel/errors.ts";
import { deviceId } from "../manager.ts";
import type { Identity, Openssl, Recipe } from "./openssl.ts";

export interface CertificateCase {
  /** What is wrong with it. */
  readonly name: string;
  /** What the gateway's log must say. */
  readonly code: ChannelErrorCode;
  /** Undefined: the client presents nothing. */
  readonly make: (pki: Pki) => Identity | undefined;
}

export const CLIENT_AUTH = "extendedKeyUsage=clientAuth";
export const LEAF = "basicConstraints=critical,CA:FALSE";
export const SIGNS = "keyUsage=critical,digitalSignature";
export const SAN = san(`URI:${deviceId(1)}`);
/** What a good device certificate says. */
export const GOOD: readonly string[] = [LEAF, SIGNS, CLIENT_AUTH, SAN];

const AUTHORITY_SIGNS = "keyUsage=critical,keyCertSign,cRLSign";
const AUTHORITY_IS = "basicConstraints=critical,CA:TRUE";
const SUBJECT = "/CN=device authority";

export function san(...names: readonly string[]): string {
  return `subjectAltName=${names.join(",")}`;
}

export class Pki {
  readonly openssl: Openssl;
  readonly authority: Identity;
  /** Trusted too, and each flawed in its way. */
  readonly expired: Identity;
  readonly future: Identity;
  readonly constrained: Identity;
  readonly notSigning: Identity;
  readonly weak: Identity;
  /** Of the same name as the trusted one, and with the same key identifier. */
  readonly impostor: Identity;

  constructor(openssl: Openssl) {
    this.openssl = openssl;
    const keyId = "subjectKeyIdentifier=0123456789abcdef0123456789abcdef01234567";
    this.authority = this.makeAuthority(SUBJECT, { more: [keyId] });
    this.impostor = this.makeAuthority(SUBJECT, { more: [keyId] });
    this.expired = this.makeAuthority("/CN=expired authority", { fromDays: -10, untilDays: -2 });
    this.future = this.makeAuthority("/CN=future authority", { fromDays: 5, untilDays: 10 });
    this.constrained = this.makeAuthority("/CN=constrained authority", { more: ["nameConstraints=critical,permitted;DNS:isp.example"] });
    this.notSigning = openssl.issue({ subject: "/CN=not signing authority", extensions: [AUTHORITY_IS, SIGNS] });
    this.weak = this.makeAuthority("/CN=weak authority", { key: "rsa:1024" });
  }

  /** What the gateway is configured with. */
  trustedPem(): string {
    const trusted = [this.authority, this.expired, this.future, this.constrained, this.notSigning, this.weak];
    return trusted.map(({ certificate }) => readFileSync(certificate, "utf8")).join("");
  }

  makeAuthority(
    subject: string,
    { more = [], isCa = true, ...recipe }: Partial<Recipe> & { readonly more?: readonly string[]; readonly isCa?: boolean } = {},
  ): Identity {
    const basic = isCa ? [AUTHORITY_IS, AUTHORITY_SIGNS] : [LEAF, AUTHORITY_SIGNS];
    return this.openssl.issue({ fromDays: -100, untilDays: 100, ...recipe, subject, extensions: [...basic, ...more] });
  }

  /** A good device certificate, but for what is given. */
  device(flaw: Partial<Recipe> = {}): Identity {
    return this.openssl.issue({ issuer: this.authority, extensions: GOOD, ...flaw });
  }

  /** A good device certificate with one line of its extensions exchanged, or added when it has none such. */
  with(line: string): Identity {
    const [name] = line.split("=");
    return this.device({ extensions: [...GOOD.filter((other) => !other.startsWith(`${name}=`)), line] });
  }

  without(line: string): Identity {
    return this.device({ extensions: GOOD.filter((other) => other !== line) });
  }
}
