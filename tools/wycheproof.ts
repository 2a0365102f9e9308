/**
 * `npm run vectors:wycheproof -- DIR`: Project Wycheproof's vectors (github.com/C2SP/wycheproof, its folder testvectors_v1; not kept here)
 * through what a device and a gateway verify with: keys as a director lists them, signatures as root metadata and statements have
 * them. Prints a verdict per file. Exit 1 for one wrong verdict.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { importJWK, type JWK } from "jose";
import { program } from "../lab/program.ts";
import { EdictError, type JsonObject } from "../src/openc2/index.ts";
import { TrustError } from "../src/trust/errors.ts";
import { algorithmOf } from "../src/trust/kid.ts";
import { fromTufKey, keyIdOf, PERSON, toTufSignature } from "../src/trust/tuf-key.ts";
import { verifySelfSigned } from "../src/trust/verify/index.ts";
import { checkSignature, decode, object, strictJson } from "../src/trust/verify/jws.ts";

interface Vector {
  readonly tcId: number;
  readonly comment: string;
  readonly result: "valid" | "invalid" | "acceptable";
  readonly msg?: string;
  readonly sig?: string;
  readonly jws?: string;
}

interface Group {
  readonly publicKey?: { readonly pk?: string };
  readonly publicKeyPem?: string;
  readonly public?: KeySet;
  readonly private?: KeySet;
  readonly tests: readonly Vector[];
}

type KeySet = JWK & { readonly keys?: readonly JWK[] };
type Verify = (group: Group, vector: Vector) => Promise<void>;

interface Tally {
  readonly file: string;
  accepted: number;
  refused: number;
  /** Valid for others: of an algorithm that is never accepted here. */
  foreign: number;
  readonly wrong: string[];
}

const REPORT = join(import.meta.dir, "../docs/security/vectors.md");
const FILES: readonly (readonly [string, string, Verify])[] = [
  ["ed25519_test.json", "Ed25519, as root metadata has it", rootMetadata],
  ["ecdsa_secp256r1_sha256_test.json", "ECDSA P-256 SHA-256 in DER, as root metadata has it", rootMetadata],
  ["ecdsa_secp256r1_sha256_p1363_test.json", "ECDSA P-256 SHA-256 as r and s, as JOSE has it", rawSignature],
  ["json_web_signature_test.json", "JWS: the steps of a statement", compactJws],
  ["json_web_crypto_test.json", "JWS: the steps of a statement (those that are no JWE)", compactJws],
  ["json_web_key_test.json", "JWS with keys that do not fit", compactJws],
];

const command = program("vectors:wycheproof", "Project Wycheproof's vectors through what devices and gateways verify with.")
  .argument("<folder>", "testvectors_v1 of github.com/C2SP/wycheproof")
  .option("--write", "keep the verdicts in docs/security/vectors.md", false)
  .option("--version <name>", "which vectors they are, for that page", "unknown")
  .parse();
const { write, version } = command.opts<{ write: boolean; version: string }>();
const [directory = ""] = command.args;
const rows: string[] = [];
let wrong = 0;
for (const [file, what, verify] of FILES) {
  if (!existsSync(join(directory, file)))
    command.error(`error: there is no ${file} in "${directory}": give the folder testvectors_v1 of Wycheproof`);
  const tally = await run(file, verify);
  wrong += tally.wrong.length;
  rows.push(
    `| \`${file}\` | ${what} | ${tally.accepted + tally.refused + tally.foreign} | ${tally.accepted} | ${tally.refused} | ${tally.foreign} | ${tally.wrong.length} |`,
  );
  for (const verdict of tally.wrong) console.log(`WRONG ${file} ${verdict}`);
}
const table = ["| file | what | ran | accepted | refused | of others | wrong |", "|---|---|---|---|---|---|---|", ...rows].join("\n");
console.log(table);
if (write) {
  const date = new Date().toISOString().slice(0, 10);
  const page = readFileSync(REPORT, "utf8");
  const made = `Made by \`npm run vectors:wycheproof -- DIR --write\` on ${date}, Wycheproof ${version}, Bun ${Bun.version}.`;
  writeFileSync(REPORT, page.replace(/(<!-- wycheproof -->\n)[\s\S]*?(<!-- end -->)/, `$1\n${made}\n\n${table}\n\n$2`));
}
process.exitCode = wrong === 0 ? 0 : 1;

async function run(file: string, verify: Verify): Promise<Tally> {
  const { testGroups } = JSON.parse(readFileSync(join(directory, file), "utf8")) as { readonly testGroups: readonly Group[] };
  const tally: Tally = { file, accepted: 0, refused: 0, foreign: 0, wrong: [] };
  for (const group of testGroups) {
    for (const vector of group.tests) {
      if (vector.sig === undefined && vector.jws === undefined) continue;
      const refusal = await refusalOf(() => verify(group, vector));
      if (refusal === undefined) tally.accepted += 1;
      else if (vector.result !== "invalid" && refusal === "ERR_TRUST_ALGORITHM") tally.foreign += 1;
      else tally.refused += 1;
      if ((refusal === undefined) !== (vector.result !== "invalid") && refusal !== "ERR_TRUST_ALGORITHM")
        tally.wrong.push(`${vector.tcId} (${vector.comment}): ${vector.result}, but ${refusal ?? "accepted"}`);
    }
  }
  return tally;
}

/** The code, undefined for what is accepted. Anything but a refusal is a fault of ours. */
async function refusalOf(verify: () => Promise<void>): Promise<string | undefined> {
  try {
    await verify();
    return undefined;
  } catch (error) {
    if (error instanceof EdictError) return error.code;
    throw error;
  }
}

/** A key as a director lists it, a signature as it stands under the director's next version. */
async function rootMetadata({ publicKey, publicKeyPem }: Group, { msg = "", sig = "" }: Vector): Promise<void> {
  const key: JsonObject =
    publicKey?.pk === undefined
      ? { keytype: "ecdsa", scheme: "ecdsa-sha2-nistp256", keyval: { public: publicKeyPem ?? "" }, [PERSON]: "somebody" }
      : { keytype: "ed25519", scheme: "ed25519", keyval: { public: publicKey.pk }, [PERSON]: "somebody" };
  const keyId = keyIdOf(key);
  await verifySelfSigned({
    version: 1,
    expiresMs: 0,
    keys: { it: fromTufKey(keyId, key) },
    root: { kids: ["it"], threshold: 1 },
    signed: {},
    signedBytes: Uint8Array.fromHex(msg),
    signatures: new Map([[keyId, sig]]),
  });
}

/** The call that a JWS comes down to; and the same signature in DER, when it can be written so. */
async function rawSignature(group: Group, vector: Vector): Promise<void> {
  const key: JsonObject = { keytype: "ecdsa", scheme: "ecdsa-sha2-nistp256", keyval: { public: group.publicKeyPem ?? "" }, [PERSON]: "it" };
  const { jwk } = fromTufKey(keyIdOf(key), key);
  const raw = Uint8Array.fromHex(vector.sig ?? "");
  const cryptoKey = (await importJWK(jwk, "ES256")) as CryptoKey;
  const isGood = await crypto.subtle.verify({ name: "ECDSA", hash: "SHA-256" }, cryptoKey, raw, Uint8Array.fromHex(vector.msg ?? ""));
  if (raw.length === 64) {
    const inDer = await refusalOf(() => rootMetadata(group, { ...vector, sig: toTufSignature(raw, jwk) }));
    if ((inDer === undefined) !== isGood) throw new Error(`${vector.tcId}: as r and s ${isGood}, in DER ${inDer ?? "accepted"}`);
  }
  if (!isGood) throw new TrustError("ERR_TRUST_SIGNATURE", "it does not fit");
}

/** The steps of verify/jws.ts, for a header without the `typ` that our statements have. */
async function compactJws(group: Group, { jws = "" }: Vector): Promise<void> {
  const given = group.public ?? group.private ?? {};
  const keys = given.keys ?? [given];
  for (const key of keys) algorithmOf(key);
  const [protectedText = "", payload = "", signature, ...more] = jws.split(".");
  if (signature === undefined || more.length > 0) throw new TrustError("ERR_TRUST_FORMAT", "it is no JWS of three parts");
  const header = decode(protectedText, "protected header");
  const { alg, kid } = object(strictJson(header, header.length), ["alg", "kid"]);
  const jwk = keys.find((key) => key.kid === kid);
  if (jwk === undefined) throw new TrustError("ERR_TRUST_UNKNOWN_KEY", "the key is another");
  if (alg !== algorithmOf(jwk)) throw new TrustError("ERR_TRUST_STATEMENT", "the key is for another algorithm");
  await checkSignature(payload, { protectedText, signature }, { jwk, person: "somebody" });
}
