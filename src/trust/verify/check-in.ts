/** Verifies the statement of trust/check-in.ts. The certificate in it is only shown here: whoever asks decides whether to believe it. Pure. */
import { compactVerify, importX509 } from "jose";
import type { JsonObject } from "../../openc2/index.ts";
import { CHECK_IN_TYPE } from "../check-in.ts";
import { TrustError } from "../errors.ts";
import { CHECK_IN_STATEMENT_CHARACTERS_MAX } from "../limits.ts";
import { decode, malformed, object, strictJson } from "./jws.ts";

const ALGORITHMS = ["ES256", "EdDSA"];

export interface CheckInStatement {
  readonly certificatePem: string;
  readonly checkIn: JsonObject;
}

/** Throws ERR_TRUST_TOO_LARGE, _FORMAT, _STATEMENT, _ALGORITHM, _SIGNATURE. */
export async function verifyCheckIn(statement: string): Promise<CheckInStatement> {
  if (statement.length > CHECK_IN_STATEMENT_CHARACTERS_MAX)
    throw new TrustError("ERR_TRUST_TOO_LARGE", `a check-in of ${statement.length} characters`);
  const [protectedText = "", payloadText = "", signature, ...more] = statement.split(".");
  if (signature === undefined || more.length > 0) throw malformed("it is not a compact JWS");
  const header = decode(protectedText, "protected header");
  const { alg, typ, x5c } = object(strictJson(header, header.length), ["alg", "typ", "x5c"]);
  if (typ !== CHECK_IN_TYPE) throw new TrustError("ERR_TRUST_STATEMENT", `a signature of another type where "${CHECK_IN_TYPE}" is needed`);
  if (typeof alg !== "string" || !ALGORITHMS.includes(alg)) throw new TrustError("ERR_TRUST_ALGORITHM", "neither ES256 nor EdDSA");
  const [certificate, ...others] = Array.isArray(x5c) ? x5c : [];
  if (typeof certificate !== "string" || others.length > 0) throw malformed("x5c is not exactly one certificate");
  const certificatePem = `-----BEGIN CERTIFICATE-----\n${certificate.replace(/.{1,64}/g, "$&\n")}-----END CERTIFICATE-----\n`;
  try {
    await compactVerify(statement, await importX509(certificatePem, alg), { algorithms: [alg] });
  } catch (cause) {
    throw new TrustError("ERR_TRUST_SIGNATURE", "the device's signature does not fit its check-in", { cause });
  }
  const payload = decode(payloadText, "payload");
  const checkIn = strictJson(payload, payload.length);
  if (checkIn === null || typeof checkIn !== "object" || Array.isArray(checkIn)) throw malformed("the check-in is no object");
  return { certificatePem, checkIn: checkIn as JsonObject };
}
