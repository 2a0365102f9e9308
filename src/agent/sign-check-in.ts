/** Signs check-ins with the key of the device's certificate (trust/check-in.ts), so that they can be believed whoever carries them. */
import { createPrivateKey, type KeyObject, sign, X509Certificate } from "node:crypto";
import { base64url } from "jose";
import { CHECK_IN_TYPE, signingInput } from "../trust/check-in.ts";
import type { KeyAndCertificate } from "./config.ts";

/** The proof of this text; none where a link has no certificate (a simulated one), or one whose key a statement cannot name (RSA). */
export function proofOf(checkInText: string, { certPem, keyPem }: KeyAndCertificate): string | undefined {
  if (certPem === "") return undefined;
  const key = createPrivateKey(keyPem);
  const alg = algorithmOf(key);
  if (alg === undefined) return undefined;
  const x5c = [new X509Certificate(certPem).raw.toString("base64")];
  const protectedText = base64url.encode(JSON.stringify({ alg, typ: CHECK_IN_TYPE, x5c }));
  const input = new TextEncoder().encode(signingInput(protectedText, checkInText));
  const signature = sign(alg === "ES256" ? "sha256" : null, input, { key, dsaEncoding: "ieee-p1363" });
  return `${protectedText}..${base64url.encode(signature)}`;
}

function algorithmOf({ asymmetricKeyType, asymmetricKeyDetails }: KeyObject): "EdDSA" | "ES256" | undefined {
  if (asymmetricKeyType === "ed25519") return "EdDSA";
  return asymmetricKeyType === "ec" && asymmetricKeyDetails?.namedCurve === "prime256v1" ? "ES256" : undefined;
}
