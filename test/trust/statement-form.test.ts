/** The form of a signed statement: everything that is no general JSON serialisation with a plain header is an attempt at something. */
import { describe, expect, test } from "bun:test";
import { base64url } from "jose";
import { COMMAND_FRAME_BYTES_MAX, SIGNATURES_MAX, STATEMENT_BYTES_MAX } from "../../src/trust/limits.ts";
import { addSignature, generateSigner, sign, type Signer } from "../../src/trust/sign/index.ts";
import { verifyStatement } from "../../src/trust/verify/index.ts";
import { object } from "../../src/trust/verify/jws.ts";
import { directorOf, frameOf, makeParty } from "./people.ts";

interface Given {
  payload: unknown;
  signatures: Record<string, unknown>[];
}

const isp = await makeParty("isp.example");
const director = await directorOf(isp);
const payload = new TextEncoder().encode("what two people have read");
const bytes = (value: unknown) => new TextEncoder().encode(typeof value === "string" ? value : JSON.stringify(value));
const codeOf = async (jws: Uint8Array, statement: "command" | "stopping-command" | "permit" = "command") =>
  verifyStatement(jws, { director, statement }).then(
    () => "accepted",
    (error: { code: string }) => error.code,
  );

/** A good statement by both, after this edit. */
async function edited(edit: (given: Given) => unknown, statement: "command" | "permit" = "command"): Promise<Uint8Array> {
  const given = JSON.parse(new TextDecoder().decode(await frameOf(payload, statement, [isp.author, isp.approver])));
  return bytes(edit(given) ?? given);
}

const header = (change: object, { kid }: Signer = isp.author) =>
  base64url.encode(JSON.stringify({ alg: "EdDSA", kid, typ: "oc2", ...change }));
const withHeader = (text: string) => edited(({ signatures }) => void Object.assign(signatures[0] ?? {}, { protected: text }));

test("two people's statement is believed, with their names in the order in which they signed", async () => {
  const { persons, payload: read } = await verifyStatement(await frameOf(payload, "command", [isp.approver, isp.author]), {
    director,
    statement: "command",
  });
  expect(persons).toEqual([isp.approver.person, isp.author.person]);
  expect(read).toEqual(payload);
});

describe("hardening: a frame is refused", () => {
  test.each<readonly [string, (given: Given) => unknown]>([
    ["that is a list", () => []],
    ["that is null", () => "null"],
    ["that is no JSON", () => "{"],
    ["with a member twice", () => '{"payload":"","payload":"","signatures":[]}'],
    ["with a header that nothing protects", (given) => ({ ...given, header: {} })],
    ["without a payload", ({ signatures }) => ({ signatures, header: {} })],
    ["whose payload is a number", (given) => ({ ...given, payload: 1 })],
    ["without signatures", (given) => ({ ...given, signatures: [] })],
    ["whose signatures are an object", (given) => ({ ...given, signatures: {} })],
    ["with a signature that is null", (given) => ({ ...given, signatures: [null] })],
    ["with a signature that is a list", (given) => ({ ...given, signatures: [[]] })],
    ["with an unprotected header", ({ signatures }) => void Object.assign(signatures[0] ?? {}, { header: { kid: "x" } })],
    ["with a signature whose value is a number", ({ signatures }) => void Object.assign(signatures[0] ?? {}, { signature: 1 })],
    ["with a protected header that is no text", ({ signatures }) => void Object.assign(signatures[0] ?? {}, { protected: {} })],
    ["with a member of the right number and another name", ({ payload: given, signatures }) => ({ payload: given, signature: signatures })],
    ["with a payload that is no base64url", (given) => ({ ...given, payload: "%%" })],
  ])("%s", async (_, edit) => {
    const code = await codeOf(await edited(edit));
    // A payload that is not what was signed fails earlier, at its signature.
    expect(code).toBe(_.includes("no base64url") ? "ERR_TRUST_SIGNATURE" : "ERR_TRUST_FORMAT");
  });

  test("with more signatures than anybody needs, before one is verified", async () => {
    const repeated = (count: number) =>
      edited(({ signatures }) => void signatures.splice(0, 9, ...Array.from({ length: count }, () => signatures[0] ?? {})), "permit");
    expect(SIGNATURES_MAX).toBe(8);
    expect(await codeOf(await repeated(8), "permit")).toBe("ERR_TRUST_SAME_PERSON");
    expect(await codeOf(await repeated(9), "permit")).toBe("ERR_TRUST_FORMAT");
  });

  test.each([
    ["command", 4_096],
    ["stopping-command", 4_096],
    ["permit", 1_048_576],
  ] as const)("a %s of more than %d bytes, before it is read", async (statement, bytesMax) => {
    expect([COMMAND_FRAME_BYTES_MAX, STATEMENT_BYTES_MAX]).toContain(bytesMax);
    const padded = (length: number) => bytes(`{"payload":"${"A".repeat(length - 30)}","signatures":[]}`.padEnd(length)).subarray(0, length);
    expect(await codeOf(padded(bytesMax), statement)).toBe("ERR_TRUST_FORMAT");
    expect(await codeOf(padded(bytesMax + 1), statement)).toBe("ERR_TRUST_TOO_LARGE");
  });

  test("that says its payload in a second spelling: two frames would be one statement", async () => {
    const stranger = await generateSigner(isp.author.person);
    const lonely = JSON.parse(await sign(new Uint8Array(1), "stopping-command", isp.author));
    expect(lonely.payload).toBe("AA");
    for (const spelled of ["AB", "AA=", "AA==", "A A", "AA\n"]) {
      const signed = await isp.author.sign(bytes(`${lonely.signatures[0].protected}.${spelled}`));
      const jws = { payload: spelled, signatures: [{ ...lonely.signatures[0], signature: base64url.encode(signed) }] };
      expect(await codeOf(bytes(jws), "stopping-command")).toStartWith("ERR_TRUST_");
    }
    expect(await codeOf(bytes(lonely), "stopping-command")).toBe("accepted");
    expect(stranger.kid).not.toBe(isp.author.kid);
  });
});

test("hardening: an object has exactly the members that are asked for, whoever asks", () => {
  const value = { alg: "EdDSA", kid: "a" };
  expect(object(value, ["kid", "alg"])).toBe(value);
  for (const other of [{ alg: "EdDSA" }, { ...value, crit: [] }, { alg: "EdDSA", crit: [] }, { crit: [], b64: false }])
    expect(() => object(other, ["alg", "kid"])).toThrow(expect.objectContaining({ code: "ERR_TRUST_FORMAT" }));
  // Their members have names too.
  for (const other of [["a", "b"], "ab", null, 1]) {
    const names = other === null ? [] : Object.keys(other);
    expect(() => object(other, names)).toThrow(expect.objectContaining({ code: "ERR_TRUST_FORMAT" }));
  }
});

describe("hardening: the header of a signature", () => {
  test.each<readonly [string, object, string]>([
    ["no algorithm", { alg: "none" }, "ERR_TRUST_ALGORITHM"],
    ["a secret that is the public key", { alg: "HS256" }, "ERR_TRUST_ALGORITHM"],
    ["the other curve's algorithm", { alg: "ES256" }, "ERR_TRUST_ALGORITHM"],
    ["the name that newer texts give it", { alg: "Ed25519" }, "ERR_TRUST_ALGORITHM"],
    ["another kind of statement", { typ: "permit" }, "ERR_TRUST_STATEMENT"],
    ["the lesser kind of command", { typ: "oc2-stop" }, "ERR_TRUST_STATEMENT"],
    ["a key that nobody lists", { kid: "somebody" }, "ERR_TRUST_UNKNOWN_KEY"],
    ["a key by an inherited name", { kid: "constructor" }, "ERR_TRUST_UNKNOWN_KEY"],
    ["a root key, which signs no command", { kid: isp.root[0].kid }, "ERR_TRUST_UNKNOWN_KEY"],
    ["a key of its own", { jwk: isp.author.publicJwk }, "ERR_TRUST_FORMAT"],
    ["a critical extension", { crit: ["b64"] }, "ERR_TRUST_FORMAT"],
    ["an algorithm that is a number", { alg: 1 }, "ERR_TRUST_FORMAT"],
    ["a kid that is a list", { kid: [] }, "ERR_TRUST_FORMAT"],
    ["a typ that is null", { typ: null }, "ERR_TRUST_FORMAT"],
    ["no typ", { typ: undefined }, "ERR_TRUST_FORMAT"],
    ["the right words under another signature", { kid: isp.approver.kid }, "ERR_TRUST_SIGNATURE"],
  ])("says %s", async (_, change, code) => {
    expect(await codeOf(await withHeader(header(change)))).toBe(code);
  });

  test("is no base64url, no JSON, or spelled in a second way", async () => {
    for (const text of ["%%", "", base64url.encode("{"), base64url.encode("[]"), `${header({})}=`]) {
      expect(await codeOf(await withHeader(text))).toBe("ERR_TRUST_FORMAT");
    }
  });
});

describe("whose signatures they are", () => {
  test("one person is not two, whichever keys that person has", async () => {
    const again = await generateSigner(isp.author.person, "ES256");
    const twice = await directorOf({ ...isp, approver: again }, { thresholds: { command: 1, permit: 1, resume: 1 } });
    const jws = await frameOf(payload, "command", [isp.author, again]);
    await expect(verifyStatement(jws, { director: twice, statement: "command" })).rejects.toMatchObject({ code: "ERR_TRUST_SAME_PERSON" });
  });

  test("one bad signature among enough good ones refuses the whole: somebody tried something", async () => {
    const third = await generateSigner("carl@isp.example");
    const three = await directorOf(isp, { commanders: [isp.author, isp.approver, third] });
    const verify = (jws: Uint8Array) => verifyStatement(jws, { director: three, statement: "command" });
    const good = JSON.parse(new TextDecoder().decode(await frameOf(payload, "command", [isp.author, isp.approver, third])));
    expect((await verify(bytes(good))).persons.length).toBe(3);
    good.signatures[2].signature = good.signatures[1].signature;
    await expect(verify(bytes(good))).rejects.toMatchObject({ code: "ERR_TRUST_SIGNATURE" });
  });

  test("fewer than the threshold are too few", async () => {
    expect(await codeOf(await frameOf(payload, "command", [isp.author]))).toBe("ERR_TRUST_THRESHOLD");
    expect(await codeOf(await frameOf(payload, "stopping-command", [isp.author]), "stopping-command")).toBe("accepted");
  });
});

describe("adding a signature", () => {
  test("is refused when the others signed other bytes than this person has read", async () => {
    const first = await sign(payload, "command", isp.author);
    await expect(addSignature(first, "command", isp.approver, bytes("other bytes"))).rejects.toMatchObject({ code: "ERR_TRUST_SIGNATURE" });
    await expect(addSignature(first, "command", isp.author, payload)).rejects.toMatchObject({ code: "ERR_TRUST_SAME_PERSON" });
    await expect(addSignature("{}", "command", isp.approver, payload)).rejects.toMatchObject({ code: "ERR_TRUST_FORMAT" });
  });

  test("is refused to whoever has signed, also when others have signed since", async () => {
    const both = new TextDecoder().decode(await frameOf(payload, "command", [isp.author, isp.approver]));
    for (const signer of [isp.author, isp.approver])
      await expect(addSignature(both, "command", signer, payload)).rejects.toMatchObject({ code: "ERR_TRUST_SAME_PERSON" });
  });
});
