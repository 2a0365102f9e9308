/** A director is TUF root metadata: what is read, what is refused, and that TUF's own library reads and verifies the same. */
import { describe, expect, test } from "bun:test";
import { Metadata, MetadataKind } from "@tufjs/models";
import { parseDirector } from "../../src/trust/director.ts";
import { generateSigner } from "../../src/trust/sign/index.ts";
import { tufBytes } from "../../src/trust/tuf-json.ts";
import { keyIdOf, toTufKey } from "../../src/trust/tuf-key.ts";
import { verifyNextDirector, verifySelfSigned } from "../../src/trust/verify/index.ts";
import { directorBytes, directorOf, makeParty } from "./people.ts";

const isp = await makeParty("isp.example", "ES256");
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const edited = async (edit: (document: Record<string, Record<string, Record<string, unknown>>>) => void): Promise<Uint8Array> => {
  const document = JSON.parse(text(await directorBytes(isp)));
  edit(document);
  return new TextEncoder().encode(JSON.stringify(document));
};
const tuf = (bytes: Uint8Array) => Metadata.fromJSON(MetadataKind.Root, JSON.parse(text(bytes)));

describe("the document", () => {
  test("says who may sign what, and how many of them", async () => {
    const { name, version, roles, root, keys } = await directorOf(isp);
    expect([name, version, root.threshold, root.kids.length]).toEqual(["isp.example", 1, 2, 3]);
    expect(roles.command).toEqual({ kids: [isp.author.kid, isp.approver.kid], threshold: 2 });
    expect([roles.stop.threshold, roles.permit.threshold, roles.resume.threshold, roles["deny-list"].threshold]).toEqual([1, 2, 2, 1]);
    expect(keys[isp.author.kid]?.person).toBe("anna@isp.example");
  });

  test("is what TUF's own library reads, and it verifies the same signatures, Ed25519 and P-256", async () => {
    const bytes = await directorBytes(isp, { signers: isp.root });
    const root = tuf(bytes);
    expect(() => root.verifyDelegate("root", root)).not.toThrow();
    const forged = tuf(await directorBytes(isp, { signers: isp.root.slice(0, 1) }));
    expect(() => forged.verifyDelegate("root", forged)).toThrow();
  });

  test("and its successor is one for TUF's library too, in both directions", async () => {
    const next = await directorBytes(isp, { version: 2, signers: isp.root.slice(1) });
    tuf(await directorBytes(isp)).verifyDelegate("root", tuf(next));
    expect((await verifyNextDirector(await directorOf(isp), next)).version).toBe(2);
  });

  test("signed by fewer than its root role asks for is not its own", async () => {
    await verifySelfSigned(await directorOf(isp));
    const half = await directorOf(isp, { signers: isp.root.slice(0, 1) });
    await expect(verifySelfSigned(half)).rejects.toMatchObject({ code: "ERR_TRUST_THRESHOLD" });
  });
});

describe("a document is refused", () => {
  test.each([
    ["that is no JSON", (): unknown => "{"],
    ["with two members of one name", async () => text(await directorBytes(isp)).replace('"version":1', '"version":1,"version":9')],
    ["that is of another type", () => edited(({ signed }) => Object.assign(signed ?? {}, { _type: "targets" }))],
    ["without a director", () => edited(({ signed }) => void delete signed?.["x-edict-director"])],
    ["without a role", () => edited(({ signed }) => void delete signed?.["roles"]?.["command"])],
    ["whose version is no whole number", () => edited(({ signed }) => Object.assign(signed ?? {}, { version: 1.5 }))],
    ["whose expiry is no time", () => edited(({ signed }) => Object.assign(signed ?? {}, { expires: "tomorrow" }))],
    [
      "whose role names a key that is not there",
      () => edited(({ signed }) => Object.assign(signed?.["roles"]?.["stop"] ?? {}, { keyids: ["00"] })),
    ],
    [
      "that asks for more persons than it has",
      () => edited(({ signed }) => Object.assign(signed?.["roles"]?.["permit"] ?? {}, { threshold: 3 })),
    ],
  ])("%s", async (_, make) => {
    const made = await make();
    const bytes = typeof made === "string" ? new TextEncoder().encode(made) : (made as Uint8Array);
    expect(() => parseDirector(bytes)).toThrow(expect.objectContaining({ code: "ERR_TRUST_DIRECTOR" }));
  });

  test("in which one key belongs to two persons, for it would count twice", async () => {
    const twin = { ...isp.author, person: "nobody@isp.example" };
    await expect(directorBytes(isp, { commanders: [isp.author, twin] })).rejects.toMatchObject({ code: "ERR_TRUST_DIRECTOR" });
  });

  test("in which somebody else is made the holder of a key: its id is no longer its digest", async () => {
    const id = keyIdOf(toTufKey({ jwk: isp.author.publicJwk, person: isp.author.person }));
    const moved = await edited(({ signed }) => Object.assign(signed?.["keys"]?.[id] ?? {}, { "x-edict-person": "mallory" }));
    expect(() => parseDirector(moved)).toThrow(expect.objectContaining({ code: "ERR_TRUST_DIRECTOR" }));
  });

  test("whose key holds a curve that nobody here uses", async () => {
    const key = { keytype: "ecdsa", scheme: "ecdsa-sha2-nistp384", keyval: { public: "04" }, "x-edict-person": "anna" };
    const odd = await edited(({ signed }) => Object.assign(signed?.["keys"] ?? {}, { [keyIdOf(key)]: key }));
    expect(() => parseDirector(odd)).toThrow(expect.objectContaining({ code: "ERR_TRUST_DIRECTOR" }));
  });

  test("with more keys than people could hold", async () => {
    const many = await Promise.all(Array.from({ length: 33 }, (_, index) => generateSigner(`person-${index}`)));
    await expect(directorBytes(isp, { commanders: many })).rejects.toMatchObject({ code: "ERR_TRUST_DIRECTOR" });
  });
});

test("the bytes that are signed are those of TUF's canonical form: sorted, nothing escaped but quotes and backslashes", () => {
  const value = { b: 'a "quoted" \\ text', a: [1, true, null, "line\nbreak"], A: { z: 0, y: -7 }, "\u{10000}": 1, "\u{e000}": 2 };
  expect(text(tufBytes(value))).toBe(
    '{"A":{"y":-7,"z":0},"a":[1,true,null,"line\nbreak"],"b":"a \\"quoted\\" \\\\ text","\u{10000}":1,"\u{e000}":2}',
  );
  expect(() => tufBytes({ half: 0.5 })).toThrow(expect.objectContaining({ code: "ERR_TRUST_FORMAT" }));
});
