/** Certificates that no authority of ours vouches for, or not any more. */
import type { CertificateCase, Pki } from "./pki.ts";
import type { Identity, Recipe } from "./openssl.ts";
import { GOOD } from "./pki.ts";

const PATHLEN_0 = "basicConstraints=critical,CA:TRUE,pathlen:0";

/** Tag and length of a UTCTime; the last one is notAfter, and it begins with the year. */
const UTC_TIME = Buffer.from([0x17, 0x0d]);

export const TRUST_CASES: readonly CertificateCase[] = [
  { name: "none", code: "ERR_CHANNEL_NO_CERTIFICATE", make: () => undefined },
  chain("self-signed", (pki) => pki.openssl.issue({ extensions: GOOD })),
  chain("self-signed with our authority's name", (pki) => pki.openssl.issue({ subject: "/CN=device authority", extensions: GOOD })),
  chain("of another authority", (pki) => pki.device({ issuer: pki.makeAuthority("/CN=another authority") })),
  chain("of another authority that it sends along", (pki) => sentWith(pki, pki.makeAuthority("/CN=another authority"))),
  chain("of another authority with our authority's name and key identifier", (pki) => pki.device({ issuer: pki.impostor })),
  chain("of an impostor that it sends along", (pki) => sentWith(pki, pki.impostor)),
  chain("issued by another device", (pki) => sentWith(pki, pki.device({ subject: "/CN=good device" }))),
  chain("of an intermediate that is not sent", (pki) => pki.device({ issuer: intermediate(pki) })),
  chain("of an intermediate that the gateway was not given", (pki) => sentWith(pki, intermediate(pki))),
  chain("of an intermediate that is no authority", (pki) =>
    sentWith(pki, pki.makeAuthority("/CN=intermediate", { issuer: pki.authority, isCa: false })),
  ),
  chain("of an intermediate that has expired", (pki) => sentWith(pki, intermediate(pki, { fromDays: -10, untilDays: -2 }))),
  chain("of an authority below an intermediate of path length 0", (pki) => {
    const above = pki.openssl.issue({
      subject: "/CN=above",
      issuer: pki.authority,
      extensions: [PATHLEN_0, "keyUsage=critical,keyCertSign"],
    });
    return sentWith(pki, pki.makeAuthority("/CN=below", { issuer: above }));
  }),
  { name: "of an authority that has expired", code: "ERR_CHANNEL_CERTIFICATE_TIME", make: (pki) => pki.device({ issuer: pki.expired }) },
  { name: "of an authority of the future", code: "ERR_CHANNEL_CERTIFICATE_TIME", make: (pki) => pki.device({ issuer: pki.future }) },
  chain("outside its authority's name constraints", (pki) =>
    pki.device({ issuer: pki.constrained, extensions: [...GOOD.slice(0, -1), `${GOOD.at(-1)},DNS:other.example`] }),
  ),
  chain("of an authority that may not sign certificates", (pki) => pki.device({ issuer: pki.notSigning })),
  chain("with an altered signature", (pki) => pki.openssl.alter(pki.device(), (der) => flip(der, der.length - 5))),
  chain("with another device's name under the same signature", (pki) =>
    pki.openssl.alter(pki.device(), (der) => flip(der, der.indexOf("32473-test-1") + "32473-test-1".length - 1)),
  ),
  chain("with a longer life under the same signature", (pki) =>
    pki.openssl.alter(pki.device(), (der) => void der.write("48", der.lastIndexOf(UTC_TIME) + UTC_TIME.length, "latin1")),
  ),
  { name: "stolen without its key", code: "ERR_CHANNEL_HANDSHAKE", make: (pki) => pki.openssl.steal(pki.device()) },
];

function chain(name: string, make: (pki: Pki) => Identity): CertificateCase {
  return { name, code: "ERR_CHANNEL_CERTIFICATE_CHAIN", make };
}

function intermediate(pki: Pki, recipe: Partial<Recipe> = {}): Identity {
  return pki.makeAuthority("/CN=intermediate", { issuer: pki.authority, ...recipe });
}

function sentWith(pki: Pki, issuer: Identity): Identity {
  return { ...pki.device({ issuer }), chain: issuer.certificate };
}

function flip(der: Buffer, at: number): void {
  der.writeUInt8(der.readUInt8(at) ^ 1, at);
}
