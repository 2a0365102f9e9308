/** Certificates that our authority issued, but for another time, for another use, or with means that do not hold. */
import { deviceId } from "../manager.ts";
import { type CertificateCase, CLIENT_AUTH, GOOD, SAN } from "./pki.ts";

const time = "ERR_CHANNEL_CERTIFICATE_TIME";
const usage = "ERR_CHANNEL_CERTIFICATE_USAGE";
const form = "ERR_CHANNEL_CERTIFICATE_FORM";
/** The gateway offers no algorithm that such a key signs with: an honest client presents nothing. */
const unusable = "ERR_CHANNEL_NO_CERTIFICATE";
const SECOND_DAYS = 1 / 86_400;

export const FORM_CASES: readonly CertificateCase[] = [
  { name: "expired long ago", code: time, make: (pki) => pki.device({ fromDays: -400, untilDays: -30 }) },
  { name: "expired a second ago", code: time, make: (pki) => pki.device({ untilDays: -SECOND_DAYS }) },
  { name: "not valid for another minute", code: time, make: (pki) => pki.device({ fromDays: 60 * SECOND_DAYS }) },
  { name: "not valid yet for years", code: time, make: (pki) => pki.device({ fromDays: 4_000, untilDays: 5_000 }) },
  { name: "that ends before it begins", code: time, make: (pki) => pki.device({ fromDays: 1, untilDays: -1 }) },

  { name: "for servers only", code: usage, make: (pki) => pki.with("extendedKeyUsage=serverAuth") },
  { name: "for mail and code only", code: usage, make: (pki) => pki.with("extendedKeyUsage=emailProtection,codeSigning") },
  { name: "for any purpose", code: usage, make: (pki) => pki.with("extendedKeyUsage=anyExtendedKeyUsage") },
  { name: "that says nothing of its use", code: usage, make: (pki) => pki.without(CLIENT_AUTH) },
  { name: "of an authority (CA:TRUE)", code: usage, make: (pki) => pki.with("basicConstraints=critical,CA:TRUE") },
  { name: "whose key may only encipher", code: usage, make: (pki) => pki.with("keyUsage=critical,keyEncipherment,keyAgreement") },
  { name: "whose key may sign certificates only", code: usage, make: (pki) => pki.with("keyUsage=critical,keyCertSign") },
  { name: "that is our authority's own", code: usage, make: (pki) => pki.authority },
  {
    name: "with a critical extension that nobody knows",
    code: "ERR_CHANNEL_CERTIFICATE_CHAIN",
    make: (pki) => pki.with("1.2.3.4.5=critical,DER:0500"),
  },

  { name: "with an RSA key of 1,024 bits", code: form, make: (pki) => pki.device({ key: "rsa:1024" }) },
  { name: "of an authority with an RSA key of 1,024 bits", code: form, make: (pki) => pki.device({ issuer: pki.weak }) },
  { name: "with a key on P-224", code: unusable, make: (pki) => pki.device({ key: "P-224" }) },
  { name: "with a key on secp256k1", code: unusable, make: (pki) => pki.device({ key: "secp256k1" }) },
  { name: "signed with SHA-1", code: form, make: (pki) => pki.device({ digest: "sha1" }) },
  { name: "signed with MD5", code: "ERR_CHANNEL_CERTIFICATE_CHAIN", make: (pki) => pki.device({ issuer: pki.weak, digest: "md5" }) },
  { name: "of version 1", code: form, make: (pki) => pki.openssl.issuePlainly({ issuer: pki.authority, extensions: [] }) },
  {
    name: "with a negative serial number",
    code: form,
    make: (pki) => pki.openssl.issuePlainly({ issuer: pki.authority, extensions: GOOD, serial: "-5" }),
  },
  {
    name: "with a serial number of 30 octets",
    code: form,
    make: (pki) => pki.openssl.issuePlainly({ issuer: pki.authority, extensions: GOOD, serial: `0x${"7a".repeat(30)}` }),
  },
  {
    name: "with its names in two extensions",
    code: "ERR_CHANNEL_HANDSHAKE",
    make: (pki) => pki.openssl.alter(pki.with(`issuerAltName=URI:${deviceId(2)}`), issuerNameToSubjectName, pki.authority),
  },
  { name: "of 20,000 bytes", code: form, make: (pki) => pki.with(`1.2.3.4.5=DER:0482${(20_000).toString(16)}${"00".repeat(20_000)}`) },
  { name: "of 200,000 bytes", code: "ERR_CHANNEL_HANDSHAKE", make: (pki) => pki.with(`1.2.3.4.5=DER:0483030D40${"00".repeat(200_000)}`) },
  { name: "without any extension but its name", code: usage, make: (pki) => pki.device({ extensions: [SAN] }) },
];

/** Object identifiers 2.5.29.18 and 2.5.29.17: openssl itself never writes the same extension twice. */
function issuerNameToSubjectName(der: Buffer): void {
  der.writeUInt8(0x11, der.indexOf(Buffer.from([0x55, 0x1d, 0x12])) + 2);
}
