/**
 * A key that never leaves its token (PKCS #11): a smart card, an HSM, SoftHSM. OpenSC's `pkcs11-tool` speaks to the token, as a
 * child process, so that a vendor's module is never loaded into ours. P-256 only: Ed25519 through it depends on its version.
 */
import { holderFromPem, type Holder, type Signer } from "../../../trust/sign/index.ts";
import { CliError } from "../../errors.ts";

interface Place {
  readonly modulePath: string;
  readonly token: string;
  readonly object: string;
}

/** The child reads the PIN from its environment: arguments are seen by everybody on the machine. */
const PIN_VARIABLE = "EDICT_TOKEN_PIN";
/** CKM_ECDSA signs a digest; r and s come back, 32 bytes each, as JOSE has them (RFC 7518 §3.4). */
const SIGNATURE_BYTES = 64;

/** The public half of the key that the URI names; no PIN is needed. Throws ERR_CLI_TOKEN. */
export async function readTokenKey(person: string, uri: string): Promise<Holder> {
  const place = parseUri(uri);
  const der = await run(place, ["--read-object", "--type", "pubkey"]);
  const pem = `-----BEGIN PUBLIC KEY-----\n${der.toBase64()}\n-----END PUBLIC KEY-----\n`;
  const holder = await holderFromPem(person, pem).catch(() => undefined);
  if (holder?.publicJwk.crv !== "P-256") throw new CliError("ERR_CLI_TOKEN", `"${place.object}" in the token is no P-256 key`);
  return holder;
}

/** Signs in the token. Nothing is checked before the first signature. Throws ERR_CLI_TOKEN then. */
export function tokenSigner(holder: Holder, uri: string, pin: string): Signer {
  const place = parseUri(uri);
  return {
    ...holder,
    sign: async (bytes) => {
      const digest = new Uint8Array(await crypto.subtle.digest("SHA-256", bytes as Uint8Array<ArrayBuffer>));
      const signature = await run(place, ["--login", "--pin", `env:${PIN_VARIABLE}`, "--sign", "--mechanism", "ECDSA"], { digest, pin });
      if (signature.length === SIGNATURE_BYTES) return signature;
      throw new CliError("ERR_CLI_TOKEN", `the token gave ${signature.length} bytes, a P-256 signature has ${SIGNATURE_BYTES}`);
    },
  };
}

/** RFC 7512, of which it needs three attributes: pkcs11:token=T;object=O?module-path=/lib/x.so */
function parseUri(uri: string): Place {
  const [, path = "", query = ""] = /^pkcs11:([^?]*)(?:\?(.*))?$/.exec(uri) ?? [];
  const attributes = new Map([...path.split(";"), ...query.split("&")].map((pair) => [pair.split("=")[0], decode(pair)]));
  const [token = "", object = "", modulePath = ""] = ["token", "object", "module-path"].map((name) => attributes.get(name));
  if (token !== "" && object !== "" && modulePath !== "") return { token, object, modulePath };
  throw new CliError("ERR_CLI_USAGE", `"${uri}" does not name token, object and module-path (RFC 7512)`);
}

function decode(pair: string): string {
  const value = pair.slice(pair.indexOf("=") + 1);
  return URL.canParse(`x:${value}`) ? decodeURIComponent(value) : value;
}

async function run(
  { modulePath, token, object }: Place,
  what: readonly string[],
  given?: { readonly digest: Uint8Array; readonly pin: string },
): Promise<Uint8Array> {
  const tool = Bun.which("pkcs11-tool");
  if (tool === null) throw new CliError("ERR_CLI_TOKEN", "pkcs11-tool is not installed (Debian: opensc)");
  const child = Bun.spawn([tool, "--module", modulePath, "--token-label", token, "--label", object, ...what], {
    stdin: given === undefined ? "ignore" : given.digest,
    stdout: "pipe",
    stderr: "pipe",
    env: { ...process.env, ...(given && { [PIN_VARIABLE]: given.pin }) },
  });
  const [out, said] = await Promise.all([new Response(child.stdout).bytes(), new Response(child.stderr).text()]);
  if ((await child.exited) === 0 && out.length > 0) return out;
  throw new CliError("ERR_CLI_TOKEN", `the token "${token}" did not do it: ${said.trim().split("\n").join("; ")}`);
}
