/** The signature inside an envelope: the draft's own example, openssl as an independent signer, and what must not verify. */
import { beforeAll, describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { base64url, exportJWK, importPKCS8, type JWK } from "jose";
import { EdictError } from "../../src/openc2/index.ts";
import { canonicalBytes } from "../../src/trust/canonical-json.ts";
import { generateSigner, type SoftwareSigner } from "../../src/trust/sign/index.ts";
import { signMessage } from "../../src/trust/sign/message-signature.ts";
import { verifyMessageSignature } from "../../src/trust/verify/index.ts";
import example from "../../vectors/signatures/ls-2.0-appendix-c3.json" with { type: "json" };

const bytes = (value: unknown) => new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));
const text = (value: Uint8Array) => new TextDecoder().decode(value);
const hasOpenssl = Bun.which("openssl") !== null;
const skipReason = hasOpenssl ? "" : " (skipped: openssl is not installed)";

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof EdictError) return error.code;
    throw error;
  }
  return "accepted";
}

describe("Appendix C.3 of the LS 2.0 draft", () => {
  const kid = "Producer1@example.com";
  const keys = new Map<string, JWK>([[kid, example.publicJwk]]);
  const withJws = (signature: string) => bytes({ ...example.message, signature });

  test("its canonical JSON and its JWS payload reproduce", () => {
    const canonical = canonicalBytes(example.message);
    expect(text(canonical)).toBe(example.canonical);
    expect(base64url.encode(canonical)).toBe(example.payloadBase64url);
  });
  test("its signature verifies with the header of its step B", async () => {
    const verified = await verifyMessageSignature(withJws(`${example.headerOfStepB}..${example.signature}`), keys);
    expect(verified).toEqual({ kid, message: example.message as never });
  });
  test("the detached JWS that it prints does not verify: its header says RS256", async () => {
    expect(await codeOf(verifyMessageSignature(withJws(example.printedJws), keys))).toBe("ERR_TRUST_ALGORITHM");
  });
  test("the signed JSON that it prints is no JSON: a comma is missing", async () => {
    const printed = `${JSON.stringify(example.message).slice(0, -1)} "signature": "${example.printedJws}"}`;
    expect(await codeOf(verifyMessageSignature(bytes(printed), keys))).toBe("ERR_OPENC2_JSON_SYNTAX");
  });
});

describe.skipIf(!hasOpenssl)(`openssl as an independent signer${skipReason}`, () => {
  const folder = mkdtempSync(join(tmpdir(), "edict-signature-"));
  const file = (name: string) => join(folder, name);
  const openssl = (...args: string[]) => {
    const { exitCode, stdout, stderr } = Bun.spawnSync(["openssl", ...args]);
    if (exitCode !== 0) throw new Error(`openssl ${args.join(" ")}: ${stderr.toString()}`);
    return new Uint8Array(stdout);
  };
  const cases = [
    ["EdDSA", ["-algorithm", "ED25519"]],
    ["ES256", ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]],
  ] as const;

  test.each(cases)("signs with %s what verifies here, and verifies what is signed here", async (alg, algorithm) => {
    openssl("genpkey", ...algorithm, "-out", file("key.pem"));
    openssl("pkey", "-in", file("key.pem"), "-pubout", "-out", file("public.pem"));
    const privateJwk = await exportJWK(await importPKCS8(await Bun.file(file("key.pem")).text(), alg, { extractable: true }));
    const { d: _, ...publicJwk } = privateJwk;
    const keys = new Map([["theirs", publicJwk]]);
    const header = base64url.encode(JSON.stringify({ kid: "theirs", alg }));
    // The canonical text is C.3's own, not ours.
    writeFileSync(file("input"), `${header}.${base64url.encode(example.canonical)}`);
    const digest = alg === "ES256" ? ["-digest", "sha256"] : [];
    const made = openssl("pkeyutl", "-sign", "-rawin", ...digest, "-inkey", file("key.pem"), "-in", file("input"));
    const signature = base64url.encode(alg === "ES256" ? derToRaw(made) : made);
    const theirs = bytes({ ...example.message, signature: `${header}..${signature}` });
    expect((await verifyMessageSignature(theirs, keys)).kid).toBe("theirs");

    const { signature: ours } = JSON.parse(text(await signMessage(bytes(example.message), { kid: "theirs", privateJwk })));
    const [ourHeader, , ourSignature] = ours.split(".") as [string, string, string];
    writeFileSync(file("input"), `${ourHeader}.${base64url.encode(example.canonical)}`);
    const raw = base64url.decode(ourSignature);
    writeFileSync(file("signature"), alg === "ES256" ? rawToDer(raw) : raw);
    openssl(
      "pkeyutl",
      "-verify",
      "-rawin",
      ...digest,
      "-pubin",
      "-inkey",
      file("public.pem"),
      "-in",
      file("input"),
      "-sigfile",
      file("signature"),
    );
  });
  test("leaves nothing behind", () => rmSync(folder, { recursive: true }));
});

describe.each(["EdDSA", "ES256"] as const)("a message signed with %s", (algorithm) => {
  let signer: SoftwareSigner;
  let keys: ReadonlyMap<string, JWK>;
  const message = { headers: { created: 100, from: "a" }, body: { openc2: { request: { action: "query", target: { features: [] } } } } };
  const sign = (value: unknown) => signMessage(bytes(value), signer);
  const verify = (value: Uint8Array) => codeOf(verifyMessageSignature(value, keys));

  beforeAll(async () => {
    signer = await generateSigner("a", algorithm);
    keys = new Map([[signer.kid, signer.publicJwk]]);
  });

  test("verifies, also with its members in another order and written in another way: that is what JCS is for", async () => {
    const signed = await sign(message);
    expect(await verify(signed)).toBe("accepted");
    const { headers, body, signature } = JSON.parse(text(signed));
    const { created, from } = headers;
    expect(await verify(bytes(JSON.stringify({ signature, headers: { from, created }, body }, null, 3)))).toBe("accepted");
    expect(await verify(bytes(text(signed).replace('"created":100', '"created":1e2')))).toBe("accepted");
    expect(await verify(bytes(text(signed).replace('"created":100', '"created":100.0')))).toBe("accepted");
    expect(await verify(bytes(text(signed).replace('"a"', '"\\u0061"')))).toBe("accepted");
  });
  test.each([
    ["a value", '"created":100', '"created":101'],
    ["a number by the least that a double can differ", '"created":100', '"created":100.00000000000001'],
    ["a string by a space", '"from":"a"', '"from":"a "'],
    ["a string by its normal form", '"from":"a"', '"from":"\\u0061\\u0308"'],
    ["a type", '"created":100', '"created":"100"'],
    ["a name", '"from"', '"From"'],
    ["a member more", '"created":100', '"created":100,"to":["b"]'],
    ["a member less", '"created":100,', ""],
    ["an item of a list", '"features":[]', '"features":[null]'],
    ["a member more beside the signature", '"body"', '"extra":{},"body"'],
  ])("does not verify with %s changed", async (_, was, now) => {
    const changed = text(await sign(message)).replace(was, now);
    expect(changed).toContain(now);
    expect(await verify(bytes(changed))).toBe("ERR_TRUST_SIGNATURE");
  });
  test("cannot hold a number that many texts mean: the neighbour would verify too", async () => {
    const large = text(bytes({ ...message, headers: { created: 1 } })).replace('"created":1', '"created":9007199254740993');
    expect(await codeOf(signMessage(bytes(large), signer))).toBe("ERR_TRUST_FORMAT");
    const signed = text(await sign(message)).replace('"created":100', '"created":9007199254740992');
    expect(await verify(bytes(signed))).toBe("ERR_TRUST_FORMAT");
  });
  test("with -0 in it verifies as 0: no text of JCS says -0", async () => {
    const signed = text(await sign({ ...message, headers: { created: 0 } }));
    expect(await verify(bytes(signed.replace('"created":0', '"created":-0')))).toBe("accepted");
  });
  test.each([
    ["half a surrogate pair", '"from":"\\ud800"', "ERR_OPENC2_JSON_SURROGATE"],
    ["a name that stands twice", '"from":"b","from":"a"', "ERR_OPENC2_JSON_DUPLICATE"],
    ["a number beyond doubles", '"from":1e999', "ERR_OPENC2_JSON_NUMBER"],
  ])("with %s is not even canonicalised", async (_, now, code) => {
    expect(await verify(bytes(text(await sign(message)).replace('"from":"a"', now)))).toBe(code);
    expect(await codeOf(signMessage(bytes(JSON.stringify(message).replace('"from":"a"', now)), signer))).toBe(code);
  });
  test.each([[[1]], ["text"], [1], [null]])("is an object: %j is not signed", async (value) => {
    expect(await codeOf(signMessage(bytes(JSON.stringify(value)), signer))).toBe("ERR_TRUST_FORMAT");
  });
  test("with two signatures is refused, also where the second is the good one", async () => {
    const { signature } = JSON.parse(text(await sign(message)));
    const twice = `{"signature":"x..y",${JSON.stringify({ ...message, signature }).slice(1)}`;
    expect(await verify(bytes(twice))).toBe("ERR_OPENC2_JSON_DUPLICATE");
    expect(await codeOf(signMessage(bytes({ ...message, signature }), signer))).toBe("ERR_TRUST_FORMAT");
  });

  describe("hardening: the header of the JWS", () => {
    const header = (change: object) => base64url.encode(JSON.stringify({ alg: algorithm, kid: signer.kid, ...change }));
    test.each<readonly [string, object, string]>([
      ["no algorithm", { alg: "none" }, "ERR_TRUST_ALGORITHM"],
      ["a secret that is the public key", { alg: "HS256" }, "ERR_TRUST_ALGORITHM"],
      ["RSA", { alg: "RS256" }, "ERR_TRUST_ALGORITHM"],
      ["the other curve's algorithm", { alg: algorithm === "EdDSA" ? "ES256" : "EdDSA" }, "ERR_TRUST_ALGORITHM"],
      ["lower case", { alg: algorithm.toLowerCase() }, "ERR_TRUST_ALGORITHM"],
      ["critical extensions", { crit: ["b64"], b64: false }, "ERR_TRUST_FORMAT"],
      ["an unencoded payload", { b64: false }, "ERR_TRUST_FORMAT"],
      ["a key of its own", { jwk: {} }, "ERR_TRUST_FORMAT"],
      ["a certificate of its own", { x5c: [] }, "ERR_TRUST_FORMAT"],
      ["the type of a campaign's statement", { typ: "oc2" }, "ERR_TRUST_FORMAT"],
      ["an unknown key", { kid: "somebody" }, "ERR_TRUST_UNKNOWN_KEY"],
      ["a key by an inherited name", { kid: "__proto__" }, "ERR_TRUST_UNKNOWN_KEY"],
      ["a kid that is no string", { kid: 1 }, "ERR_TRUST_FORMAT"],
      ["an algorithm that is no string", { alg: 1 }, "ERR_TRUST_FORMAT"],
    ])("with %s is refused", async (_, change, code) => {
      const { signature } = JSON.parse(text(await sign(message)));
      const [, , value] = signature.split(".");
      expect(await verify(bytes({ ...message, signature: `${header(change)}..${value}` }))).toBe(code);
    });
    test("with a signature value in a second spelling is refused: its bytes would be the same", async () => {
      const { signature } = JSON.parse(text(await sign(message)));
      const SPELLINGS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
      // Of the last character of 64 bytes two bits count.
      const twin = signature.slice(0, -1) + SPELLINGS[SPELLINGS.indexOf(signature.at(-1)) + 1];
      expect(base64url.decode(twin.split(".")[2])).toEqual(base64url.decode(signature.split(".")[2]));
      expect(await verify(bytes({ ...message, signature: twin }))).toBe("ERR_TRUST_FORMAT");
    });
    test("without a signature value, or with an empty one under alg none, is refused", async () => {
      expect(await verify(bytes({ ...message, signature: `${header({})}..` }))).toBe("ERR_TRUST_SIGNATURE");
      expect(await verify(bytes({ ...message, signature: `${header({ alg: "none" })}..` }))).toBe("ERR_TRUST_ALGORITHM");
    });
    test.each([
      ["no signature", () => message],
      ["a signature that is no text", () => ({ ...message, signature: 1 })],
      ["attached content", () => ({ ...message, signature: `${header({})}.${base64url.encode("{}")}.AA` })],
      ["two parts", () => ({ ...message, signature: `${header({})}.` })],
      ["four parts", () => ({ ...message, signature: `${header({})}..AA.` })],
      ["a header that is no JSON", () => ({ ...message, signature: `${base64url.encode("alg")}..AA` })],
      [
        "a second alg in the header",
        () => ({ ...message, signature: `${base64url.encode('{"alg":"none","alg":"EdDSA","kid":"a"}')}..AA` }),
      ],
      ["a header in another spelling of base64", () => ({ ...message, signature: `${header({})}==..AA` })],
      ["no object", () => [1]],
      ["null", () => null],
    ])("with %s is malformed", async (_, value) => {
      expect(await verify(bytes(value()))).toBe("ERR_TRUST_FORMAT");
    });
  });
});

/** ECDSA in JOSE is r and s, 32 bytes each; openssl has them as two DER integers. */
function derToRaw(der: Uint8Array): Uint8Array {
  const first = der[3] ?? 0;
  const integers = [der.slice(4, 4 + first), der.slice(6 + first)];
  return Uint8Array.from(integers.flatMap((integer) => [...new Uint8Array(32), ...integer].slice(-32)));
}

function rawToDer(raw: Uint8Array): Uint8Array {
  const integers = [raw.slice(0, 32), raw.slice(32)].map((half) => {
    const digits = [...half].slice([...half].findIndex((byte) => byte !== 0));
    const positive = (digits[0] ?? 0) > 0x7f ? [0, ...digits] : digits;
    return [0x02, positive.length, ...positive];
  });
  return Uint8Array.from([0x30, integers.flat().length, ...integers.flat()]);
}
