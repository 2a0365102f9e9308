/** Certificates that are in order, of something that is not one device of this fleet. */
import { deviceId } from "../manager.ts";
import { type CertificateCase, CLIENT_AUTH, LEAF, type Pki, san, SIGNS } from "./pki.ts";
import type { Identity } from "./openssl.ts";

const ID = deviceId(1);
const URI = 0x86;
const DNS = 0x82;
const OTHER_NAME = 0xa0;

export const IDENTITY_CASES: readonly CertificateCase[] = [
  identity("without any name", (pki) => pki.device({ extensions: [LEAF, SIGNS, CLIENT_AUTH] })),
  identity("with the identity as common name only", (pki) => pki.device({ subject: `/CN=${ID}`, extensions: [LEAF, SIGNS, CLIENT_AUTH] })),
  identity("with two identities", (pki) => pki.with(san(`URI:${ID}`, `URI:${deviceId(2)}`))),
  identity("with the same identity twice", (pki) => pki.with(san(`URI:${ID}`, `URI:${ID}`))),
  identity("with the identity as DNS name", (pki) => pki.with(san(`DNS:${ID}`))),
  identity("with the identity as mail address", (pki) => pki.with(san(`email:${ID}@isp.example`))),
  identity("with the identity as directory name", (pki) => {
    const lines = [LEAF, SIGNS, CLIENT_AUTH, "subjectAltName=dirName:named", "[named]", `CN=${ID}`];
    return pki.device({ extensions: lines });
  }),
  identity("with the identity as other name", (pki) => pki.with(rawNames([OTHER_NAME, nested(ID)]))),
  identity("with a urn:uuid: name", (pki) => pki.with(san("URI:urn:uuid:0e8b2b7e-0000-4000-8000-000000000000"))),
  identity("with an https: name that ends like it", (pki) => pki.with(san(`URI:https://isp.example/${ID}`))),
  identity("with an empty urn:dev:", (pki) => pki.with(san("URI:urn:dev:"))),
  identity("with a urn:dev: without a type", (pki) => pki.with(san("URI:urn:dev:device"))),
  identity("with an upper-case scheme", (pki) => pki.with(san(`URI:${ID.replace("urn:dev", "URN:DEV")}`))),
  identity("with a wildcard", (pki) => pki.with(san("URI:urn:dev:ops:32473-test-*"))),
  identity("with a space behind it", (pki) => pki.with(rawNames([URI, latin1(`${ID} `)]))),
  identity("with a line feed behind it", (pki) => pki.with(rawNames([URI, latin1(`${ID}\n`)]))),
  identity("with a zero byte behind it", (pki) => pki.with(rawNames([URI, latin1(`${ID}\0.evil.example`)]))),
  identity("with a letter that is not ASCII", (pki) => pki.with(rawNames([URI, Buffer.from(`${ID}é`)]))),
  identity("with a percent sign", (pki) => pki.with(san(`URI:${ID}%31`))),
  identity("with a query and a fragment", (pki) => pki.with(san(`URI:${ID}?a#b`))),
  identity("with an identity of 300 bytes", (pki) => pki.with(san(`URI:urn:dev:ops:32473-${"9".repeat(300)}`))),
  identity("with the identity hidden in a DNS name (CVE-2021-44532)", (pki) => pki.with(rawNames([DNS, latin1(`a, URI:${ID}, DNS:b`)]))),
  identity("with the identity hidden in another URI", (pki) => pki.with(rawNames([URI, latin1(`urn:x:a, URI:${ID}, URI:urn:x:b`)]))),
  {
    name: "of a device that nobody knows",
    code: "ERR_CHANNEL_UNKNOWN_DEVICE",
    make: (pki) => pki.with(san("URI:urn:dev:ops:32473-stranger")),
  },
  { name: "of another tenant's device", code: "ERR_CHANNEL_OTHER_TENANT", make: (pki) => pki.with(san("URI:urn:dev:ops:32473-other-1")) },
  { name: "of a denied device", code: "ERR_CHANNEL_DENIED", make: (pki) => pki.with(san(`URI:${deviceId(666)}`)) },
];

function identity(name: string, make: (pki: Pki) => Identity): CertificateCase {
  return { name, code: "ERR_CHANNEL_IDENTITY", make };
}

/** GeneralNames (RFC 5280 §4.2.1.6) byte by byte, for what openssl's own words cannot say. */
function rawNames(...names: readonly (readonly [tag: number, value: Buffer])[]): string {
  const body = Buffer.concat(names.map(([tag, value]) => tagged(tag, value)));
  return `subjectAltName=DER:${tagged(0x30, body).toString("hex")}`;
}

/** OtherName: a type of its own (1.2.3) and a UTF8String. */
function nested(text: string): Buffer {
  return Buffer.concat([Buffer.from([0x06, 0x02, 0x2a, 0x03]), tagged(0xa0, tagged(0x0c, Buffer.from(text)))]);
}

function tagged(tag: number, value: Buffer): Buffer {
  if (value.length > 255) throw new Error("too long for one length byte");
  return Buffer.concat([Buffer.from(value.length < 128 ? [tag, value.length] : [tag, 0x81, value.length]), value]);
}

function latin1(text: string): Buffer {
  return Buffer.from(text, "latin1");
}
