/**
 * Who may talk to the management API, and with what. A token opens the API and no more: what has consequences needs signatures,
 * which no token can replace (SAFETY, abuse case 1).
 */
import { createHash, randomBytes, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import { ServerError } from "./errors.ts";
import { TOKEN_BYTES } from "./limits.ts";
import { readAs, type State } from "./state-directory.ts";

const operatorSchema = z.strictObject({
  person: z.string(),
  /** A file that was copied from another tenant is noticed by it. */
  tenant: z.string(),
  tokenSha256: z.string().regex(/^[0-9a-f]{64}$/),
  /**
   * `issuer`: the process that certifies devices, it may claim and record. `monitor`: a monitoring system, it may read figures.
   * What each may do is in api/roles.ts.
   */
  role: z.enum(["person", "issuer", "monitor"]).default("person"),
});
export type Operator = z.infer<typeof operatorSchema>;
export type Role = Operator["role"];

export function newToken(): { readonly token: string; readonly tokenSha256: string } {
  const token = randomBytes(TOKEN_BYTES).toString("base64url");
  return { token, tokenSha256: digest(token).toString("hex") };
}

/** Throws ERR_SERVER_STATE, also for an operator of another tenant. */
export function readOperators({ paths, config }: Pick<State, "paths" | "config">): readonly Operator[] {
  const operators = readAs(paths.operators, (text) => z.array(operatorSchema).parse(JSON.parse(text)));
  const stranger = operators.find(({ tenant }) => tenant !== config.tenant);
  if (stranger === undefined) return operators;
  throw new ServerError("ERR_SERVER_STATE", `${paths.operators}: ${stranger.person} is of the tenant "${stranger.tenant}"`);
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
