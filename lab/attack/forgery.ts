/** What attackers put on a channel: commands signed by whomever they have the keys of. */
import { type Command, encodeRequest } from "../../src/openc2/index.ts";
import type { Release } from "../../src/depot/release.ts";
import type { Statement } from "../../src/trust/director.ts";
import { addSignature, type Signer, sign } from "../../src/trust/sign/index.ts";

const AN_HOUR_MS = 3_600_000;

interface Forged {
  readonly software?: object;
  readonly notAfterMs?: number;
}

/** Orders a release that the manufacturer has published, but for what is changed. */
export function updateTo({ vendor, name, version, source, size, sha256 }: Release, id: string, change: Forged = {}): Command {
  const software = { vendor, name, new_version: version, source, size, hashes: { sha256 }, ...change.software };
  const notAfterMs = change.notAfterMs ?? Date.now() + AN_HOUR_MS;
  return {
    action: "update",
    target: { "x-swup:software": software },
    args: { response_requested: "none", "x-swup": { not_after: notAfterMs } },
    command_id: id,
  };
}

/** A frame as a gateway brings it: with these people's signatures, which may be none. `requestId` when it asks for an answer. */
export async function frameOf(
  command: Command,
  signers: readonly Signer[],
  statement: Statement = "command",
  requestId?: string,
): Promise<Uint8Array> {
  const payload = encodeRequest(
    { created: Date.now(), from: "manager", ...(requestId !== undefined && { request_id: requestId }) },
    command,
  );
  const [first, ...others] = signers;
  if (first === undefined) return bytesOf(JSON.stringify({ payload: base64url(payload), signatures: [] }));
  let text = await sign(payload, statement, first);
  for (const signer of others) text = await addSignature(text, statement, signer, payload);
  return bytesOf(text);
}

/** The same signatures over other words. */
export function altered(frame: Uint8Array, from: string, to: string): Uint8Array {
  const { payload, ...rest } = JSON.parse(new TextDecoder().decode(frame)) as { payload: string };
  const text = Buffer.from(payload, "base64url").toString().replace(from, to);
  return bytesOf(JSON.stringify({ payload: base64url(bytesOf(text)), ...rest }));
}

function base64url(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("base64url");
}

function bytesOf(text: string): Uint8Array {
  return new TextEncoder().encode(text);
}
