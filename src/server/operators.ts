/**
 * Who may talk to the management API. A token opens the API and no more: what has consequences needs signatures,
 * which no token can replace (SAFETY, abuse case 1).
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { readFileSync } from "node:fs";
import { z } from "zod";
import { TOKEN_BYTES } from "./limits.ts";

const operatorSchema = z.strictObject({
  person: z.string(),
  tenant: z.string(),
  tokenSha256: z.string().regex(/^[0-9a-f]{64}$/),
  /** The process that certifies devices: it may claim and record, and nothing that people may. */
  isIssuer: z.boolean().default(false),
});
export type Operator = z.infer<typeof operatorSchema>;

export function newToken(): { readonly token: string; readonly tokenSha256: string } {
  const token = randomBytes(TOKEN_BYTES).toString("base64url");
  return { token, tokenSha256: digest(token).toString("hex") };
}

export function readOperators(file: string): readonly Operator[] {
  return z.array(operatorSchema).parse(JSON.parse(readFileSync(file, "utf8")));
}

/** The operator whose token this is, or undefined. Compares digests in constant time. */
export function operatorOf(operators: readonly Operator[], authorization: string | undefined): Operator | undefined {
  const token = /^Bearer (\S+)$/.exec(authorization ?? "")?.[1];
  if (token === undefined) return undefined;
  const given = digest(token);
  return operators.find(({ tokenSha256 }) => timingSafeEqual(Buffer.from(tokenSha256, "hex"), given));
}

function digest(token: string): Buffer {
  return createHash("sha256").update(token).digest();
}
