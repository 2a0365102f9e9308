/** One request to an EST server (RFC 7030 §4.2): what it answers, and nothing believed of it yet. */
import { parseCertsOnly } from "../../trust/certs-only.ts";
import type { DeviceConfig } from "../config.ts";
import { AgentError } from "../errors.ts";
import { ENROLMENT_ANSWER_BYTES_MAX, ENROLMENT_MAX_MS, ENROLMENT_WAIT_MAX_MS, ENROLMENT_WAIT_MS } from "../limits.ts";

export type EstAnswer =
  | { readonly kind: "certificates"; readonly certificates: readonly Uint8Array[] }
  /** A person decides (§4.2.3). */
  | { readonly kind: "wait"; readonly waitMs: number };

export interface EstQuestion {
  /** https://host:port */
  readonly server: string;
  readonly operation: "simpleenroll" | "simplereenroll";
  readonly tls: DeviceConfig["tls"];
  readonly request: Uint8Array;
}

/** Throws ERR_AGENT_ENROLMENT with what the server said, or why there was no answer. */
export async function askEst({ server, operation, tls, request }: EstQuestion, signal: AbortSignal): Promise<EstAnswer> {
  try {
    const response = await fetch(`${server}/.well-known/est/${operation}`, {
      method: "POST",
      headers: { "content-type": "application/pkcs10" },
      body: request.toBase64(),
      redirect: "error",
      keepalive: false,
      tls: { ca: tls.caPem, cert: tls.certPem, key: tls.keyPem },
      signal: AbortSignal.any([signal, AbortSignal.timeout(ENROLMENT_MAX_MS)]),
    });
    const text = await readText(response);
    if (response.status === 202) return { kind: "wait", waitMs: waitOf(response.headers.get("retry-after")) };
    if (!response.ok) throw new AgentError("ERR_AGENT_ENROLMENT", `${response.status}: ${text.trim()}`);
    return { kind: "certificates", certificates: parseCertsOnly(Uint8Array.fromBase64(text)) };
  } catch (cause) {
    if (cause instanceof AgentError) throw cause;
    throw new AgentError("ERR_AGENT_ENROLMENT", cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

async function readText(response: Response): Promise<string> {
  const chunks: Uint8Array[] = [];
  let size = 0;
  for await (const chunk of response.body ?? []) {
    size += chunk.length;
    if (size > ENROLMENT_ANSWER_BYTES_MAX) throw new AgentError("ERR_AGENT_ENROLMENT", "the answer is too long");
    chunks.push(chunk);
  }
  return new TextDecoder().decode(Buffer.concat(chunks));
}

/** Seconds; a date is as good as no word. */
function waitOf(retryAfter: string | null): number {
  return /^\d{1,9}$/.test(retryAfter ?? "") ? Math.min(Number(retryAfter) * 1_000, ENROLMENT_WAIT_MAX_MS) : ENROLMENT_WAIT_MS;
}
