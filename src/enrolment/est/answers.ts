/** EST's answers as HTTP (RFC 7030 §4.1.3, §4.2.3, §4.5.2): base64 in lines, errors as a sentence of plain text. */
import { encodeCertsOnly } from "../../trust/certs-only.ts";
import { EdictError } from "../../openc2/edict-error.ts";
import { PACE_SECONDS, WAIT_SECONDS } from "../limits.ts";

export interface HttpAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

/** RFC 7030 §4.5.2: a P-256 key and ecdsa-with-SHA256, please. SEQUENCE { SEQUENCE { id-ecPublicKey, SET { secp256r1 } }, ecdsa-with-SHA256 } */
const ATTRIBUTES = Uint8Array.fromHex("3021301506072a8648ce3d0201310a06082a8648ce3d03010706082a8648ce3d040302");

/** RFC 7030 wants the transfer encoding named, RFC 8951 §2.1 has it ignored: for clients of both. */
const BASE64 = { "content-transfer-encoding": "base64" };

export function certificatesAnswer(certificates: readonly Uint8Array[]): HttpAnswer {
  return {
    status: 200,
    headers: { "content-type": "application/pkcs7-mime; smime-type=certs-only", ...BASE64 },
    body: inLines(encodeCertsOnly(certificates)),
  };
}

export function attributesAnswer(): HttpAnswer {
  return { status: 200, headers: { "content-type": "application/csrattrs", ...BASE64 }, body: inLines(ATTRIBUTES) };
}

/** RFC 7030 §4.2.3: the client asks again with the same request. */
export function waitAnswer(): HttpAnswer {
  return {
    status: 202,
    headers: { "content-type": "text/plain; charset=utf-8", "retry-after": String(WAIT_SECONDS) },
    body: "A person must admit this device first. Send the same request again later.\n",
  };
}

export function refusalAnswer(error: EdictError): HttpAnswer {
  const { status, retry, help } = error.facts;
  return {
    status,
    headers: { "content-type": "text/plain; charset=utf-8", ...(retry && { "retry-after": String(PACE_SECONDS) }) },
    body: `${error.code}: ${error.message}. ${help}\n`,
  };
}

export function plainAnswer(status: number, sentence: string): HttpAnswer {
  return { status, headers: { "content-type": "text/plain; charset=utf-8" }, body: `${sentence}\n` };
}

function inLines(der: Uint8Array): string {
  return der.toBase64().replaceAll(/.{1,64}/g, "$&\r\n");
}
