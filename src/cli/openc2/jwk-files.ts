/** Keys for the signature that the draft of LS 2.0 puts into an envelope: a private JWK, and a set of public ones (RFC 7517). */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { JWK } from "jose";
import { generateSigner } from "../../trust/sign/index.ts";
import { readText } from "../context.ts";
import { CliError } from "../errors.ts";

/** Makes `producer.jwk` and `producers.jwks`. */
export async function makeJwks(directory: string, person: string): Promise<void> {
  const { kid, privateJwk, publicJwk } = await generateSigner(person);
  writeFileSync(join(directory, "producer.jwk"), `${JSON.stringify({ kid, ...privateJwk }, null, 2)}\n`, { mode: 0o600 });
  writeFileSync(join(directory, "producers.jwks"), `${JSON.stringify({ keys: [{ kid, ...publicJwk }] }, null, 2)}\n`);
}

export function readPrivateJwk(file: string): { readonly kid: string; readonly privateJwk: JWK } {
  const jwk = readJson(file) as JWK;
  if (typeof jwk.kid !== "string" || typeof jwk.d !== "string") throw unusable(file, "a private JWK with its kid");
  return { kid: jwk.kid, privateJwk: jwk };
}

export function readJwks(file: string): ReadonlyMap<string, JWK> {
  const { keys } = readJson(file) as { readonly keys?: readonly JWK[] };
  if (!Array.isArray(keys)) throw unusable(file, "a JWK Set");
  return new Map((keys as readonly JWK[]).map((jwk) => [jwk.kid ?? "", jwk]));
}

function readJson(file: string): object {
  try {
    return Object(JSON.parse(readText(file, "the key")));
  } catch (cause) {
    if (cause instanceof CliError) throw cause;
    throw unusable(file, "JSON", cause);
  }
}

function unusable(file: string, what: string, cause?: unknown): CliError {
  return new CliError("ERR_CLI_FILE", `${file} is not ${what}`, { cause });
}
