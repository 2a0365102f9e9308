/** The form of root metadata at its limits: sizes, keys, signatures and times, each at the last that is read and one beyond. */
import { describe, expect, test } from "bun:test";
import { directorNameOf, parseDirector } from "../../src/trust/director.ts";
import { AUTHORITY_BYTES_MAX, DIRECTOR_KEYS_MAX, DOCUMENT_BYTES_MAX } from "../../src/trust/limits.ts";
import { draftDirector, generateSigner, holdersOf, makeDirector } from "../../src/trust/sign/index.ts";
import { keyIdOf, toTufKey } from "../../src/trust/tuf-key.ts";
import { encodeAuthority, makeAuthority, parseAuthority } from "../../src/trust/verify/index.ts";
import { directorBytes, directorOf, makeParty, mapBytes, mapOf, YEAR_MS } from "./people.ts";

const isp = await makeParty("isp.example");
const good = await directorBytes(isp);
const bytesOf = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));
const padded = (bytes: Uint8Array, length: number) => Uint8Array.of(...bytes, ...new Uint8Array(length - bytes.length).fill(0x20));
const refused = (message: string) => expect.objectContaining({ code: "ERR_TRUST_DIRECTOR", message: expect.stringContaining(message) });

interface Document {
  readonly signed: Record<string, unknown>;
  signatures: unknown[];
}
function edited(edit: (document: Document) => void): Uint8Array {
  const document = JSON.parse(new TextDecoder().decode(good)) as Document;
  edit(document);
  return bytesOf(document);
}
const withMember = (name: string, value: unknown) => edited(({ signed }) => Object.assign(signed, { [name]: value }));

describe("a document has", () => {
  test("as many keys as people hold, not more, and not none", async () => {
    expect(DIRECTOR_KEYS_MAX).toBe(32);
    const people = await Promise.all(Array.from({ length: 33 - 5 }, (_, index) => generateSigner(`person-${index}`)));
    const more = people.map(({ publicJwk, person }) => toTufKey({ jwk: publicJwk, person }));
    const withKeys = (count: number) =>
      edited(({ signed }) =>
        Object.assign(signed["keys"] ?? {}, Object.fromEntries(more.slice(0, count).map((key) => [keyIdOf(key), key]))),
      );
    expect(Object.keys(parseDirector(withKeys(27)).keys)).toHaveLength(32);
    expect(() => parseDirector(withKeys(28))).toThrow(refused("it has 33 keys"));
    expect(() => parseDirector(withMember("keys", {}))).toThrow(refused("it has 0 keys"));
  });

  test("one key, when one person is all there are", async () => {
    const [alone] = isp.root;
    const thresholds = { root: 1, command: 1, permit: 1, resume: 1 };
    const lonely = { name: "lab", version: 1, expiresMs: YEAR_MS, root: [alone], commanders: [alone], thresholds };
    expect(parseDirector(draftDirector(lonely)).root).toEqual({ kids: [alone.kid], threshold: 1 });
  });

  test("the signatures of the version before and of its own, and no more", () => {
    const withSignatures = (count: number) =>
      edited((document) => {
        document.signatures = Array.from({ length: count }, (_, index) => ({ keyid: `${index}`, sig: "00" }));
      });
    expect(parseDirector(withSignatures(64)).signatures.size).toBe(64);
    expect(() => parseDirector(withSignatures(65))).toThrow(refused("it has 65 signatures"));
  });

  test("24 KiB, and what a device keeps 128 KiB, to the byte", async () => {
    expect([DOCUMENT_BYTES_MAX, AUTHORITY_BYTES_MAX]).toEqual([24_576, 131_072]);
    expect(parseDirector(padded(good, 24_576)).version).toBe(1);
    expect(() => parseDirector(padded(good, 24_577))).toThrow(refused("24576"));
    const kept = encodeAuthority(makeAuthority(await mapOf(isp)));
    expect(parseAuthority(padded(kept, 131_072)).directors).toHaveLength(1);
    expect(() => parseAuthority(padded(kept, 131_073))).toThrow(refused("131072"));
  });
});

describe("a document is refused", () => {
  test.each<readonly [string, string, unknown, string]>([
    ["of a later TUF", "spec_version", "2.0.0", "TUF 2.0.0"],
    ["whose expiry has milliseconds: a second spelling", "expires", "2030-01-01T00:00:00.000Z", "no time of TUF's form"],
    ["whose expiry has six digits of year", "expires", "+002030-01-01T00:00:00Z", "no time of TUF's form"],
    ["whose expiry has more behind it", "expires", "2030-01-01T00:00:00Z ", "no time of TUF's form"],
    ["whose expiry is in another zone", "expires", "2030-01-01T00:00:00+00:00", "no time of TUF's form"],
    ["whose expiry is no day", "expires", "2030-13-01T00:00:00Z", "no time of TUF's form"],
    ["of nobody", "x-edict-director", { name: "" }, "name of the x-edict-director"],
    ["with a number that TUF's form cannot say", "half", 0.5, "0.5 is no safe integer"],
  ])("%s", (_, name, value, message) => {
    expect(() => parseDirector(withMember(name, value))).toThrow(refused(message));
  });

  test("with a key that nobody holds", () => {
    const key = toTufKey({ jwk: isp.author.publicJwk, person: "" });
    const odd = edited(({ signed }) => Object.assign(signed["keys"] ?? {}, { [keyIdOf(key)]: key }));
    expect(() => parseDirector(odd)).toThrow(refused("x-edict-person"));
  });

  test("in one sentence, with the cause behind it", () => {
    const message = (bytes: Uint8Array) => {
      try {
        parseDirector(bytes);
      } catch (error) {
        const { message: said, cause } = error as Error;
        return [said, (cause as { code?: string } | undefined)?.code];
      }
      return [];
    };
    expect(message(withMember("_type", "targets"))).toEqual(["the document cannot be used: it is no root metadata", undefined]);
    expect(message(bytesOf(1))).toEqual(["the document is not an object", undefined]);
    const [said, cause] = message(new TextEncoder().encode("{"));
    expect(said).toStartWith("the document cannot be used: ");
    expect(said).not.toContain("Error:");
    expect(cause).toStartWith("ERR_OPENC2_JSON_");
  });

  test("before anybody is asked to sign it", () => {
    const twin = { ...isp.author, person: "nobody@isp.example" };
    const draft = { name: "isp.example", version: 1, expiresMs: YEAR_MS, root: isp.root, commanders: [isp.author, twin] };
    expect(() => draftDirector(draft)).toThrow(expect.objectContaining({ code: "ERR_TRUST_DIRECTOR" }));
  });
});

describe("a draft", () => {
  test("asks for as many people as it is told to, and is what TUF's clients expect", async () => {
    const { root, signed } = await directorOf(isp, { thresholds: { root: 3 }, signers: isp.root });
    expect([root.threshold, signed["consistent_snapshot"]]).toEqual([3, true]);
    expect(signed["roles"]).toMatchObject({ timestamp: { keyids: [], threshold: 1 }, snapshot: { keyids: [], threshold: 1 } });
  });

  test("of the next version begins with who holds each role now", async () => {
    const director = await directorOf(isp);
    const holders = holdersOf(director, director.root);
    expect(holders).toEqual(isp.root.map(({ person, kid, publicJwk }) => ({ person, kid, publicJwk })));
    expect(holdersOf(director, { kids: ["somebody"] })).toEqual([]);
  });

  test("for a trial lasts until 2100", () => {
    expect(makeDirector({ name: "lab", version: 1, signers: isp.root }).expiresMs).toBe(Date.UTC(2100, 0, 1));
  });
});

test("whose version a document is: a director's, or nobody's when it is a map", async () => {
  expect(directorNameOf(good)).toBe("isp.example");
  expect(directorNameOf(await mapBytes(isp))).toBeUndefined();
});
