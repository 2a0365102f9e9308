/** How a director's versions follow one another, and every way to break in between two of them. */
import { describe, expect, test } from "bun:test";
import { DirectorHistory, verifyNextDirector, verifyNextMap } from "../../src/trust/verify/index.ts";
import { generateSigner } from "../../src/trust/sign/index.ts";
import { directorBytes, directorOf, makeParty, mapBytes, mapOf } from "./people.ts";

const isp = await makeParty("isp.example");
const maker = await makeParty("famousMaker.example");
const first = await directorOf(isp);
const [anna, bert, carl] = isp.root;

describe("the next version is believed", () => {
  test("when two of the three holders of the version before and of its own signed it", async () => {
    const next = await verifyNextDirector(first, await directorBytes(isp, { version: 2, signers: [anna, carl] }));
    expect(next.version).toBe(2);
  });

  test("when a lost root key is replaced: the two that are left sign, for the old version and for the new one", async () => {
    const dora = await generateSigner("dora@isp.example");
    const second = await verifyNextDirector(
      first,
      await directorBytes(isp, { version: 2, root: [anna, bert, dora], signers: [anna, bert] }),
    );
    const third = await directorBytes(isp, { version: 3, root: [anna, bert, dora], signers: [dora, anna] });
    expect((await verifyNextDirector(second, third)).version).toBe(3);
  });

  test("also after the version before has expired, or an expiry would be the end of a device", async () => {
    const expired = await directorOf(isp, { expiresMs: 1 });
    expect((await verifyNextDirector(expired, await directorBytes(isp, { version: 2 }))).version).toBe(2);
  });

  test("and what was signed long ago is judged by the version of that time", async () => {
    const history = new DirectorHistory(first);
    await history.follow(await directorBytes(isp, { version: 2 }), 10);
    expect([0, 9, 10].map((seq) => history.at(seq).version)).toEqual([1, 1, 2]);
    expect(history.current.version).toBe(2);
    expect(() => history.at(-1)).toThrow(RangeError);
  });

  test("a log that begins before the version that was pinned is read on from there", async () => {
    const history = new DirectorHistory(await directorOf(isp, { version: 2 }));
    await history.follow(await directorBytes(isp), 3);
    await history.follow(await directorBytes(isp, { version: 2 }), 5);
    await history.follow(await directorBytes(isp, { version: 3 }), 7);
    expect([0, 6, 7].map((seq) => history.at(seq).version)).toEqual([2, 2, 3]);
  });
});

describe("the next version is refused", () => {
  test("one stolen root key", async () => {
    await refused(await directorBytes(isp, { version: 2, signers: [anna] }), "ERR_TRUST_THRESHOLD");
  });

  test("one person with two root keys", async () => {
    const again = await generateSigner(anna.person);
    const twice = await directorOf(isp, { root: [anna, again, bert] });
    const next = await directorBytes(isp, { version: 2, root: [anna, again, bert], signers: [anna, again] });
    await expect(verifyNextDirector(twice, next)).rejects.toMatchObject({ code: "ERR_TRUST_THRESHOLD" });
  });

  test("a takeover: signed by enough of the new people, by none of the old ones", async () => {
    await refused(await directorBytes(isp, { version: 2, root: maker.root, signers: maker.root }), "ERR_TRUST_THRESHOLD");
  });

  test("a lockout: signed by enough of the old people, by none of the new ones", async () => {
    await refused(await directorBytes(isp, { version: 2, root: maker.root, signers: [anna, bert] }), "ERR_TRUST_THRESHOLD");
  });

  test("both stolen command keys: they are no root keys", async () => {
    await refused(await directorBytes(isp, { version: 2, signers: [isp.author, isp.approver] }), "ERR_TRUST_THRESHOLD");
  });

  test("an old root replayed", async () => {
    const second = await directorOf(isp, { version: 2 });
    await expect(verifyNextDirector(second, await directorBytes(isp))).rejects.toMatchObject({ code: "ERR_TRUST_ROLLBACK" });
    await expect(verifyNextDirector(second, await directorBytes(isp, { version: 2 }))).rejects.toMatchObject({
      code: "ERR_TRUST_ROLLBACK",
    });
  });

  test("a root that skips a version (fast-forward)", async () => {
    await refused(await directorBytes(isp, { version: 3 }), "ERR_TRUST_GAP");
    await refused(await directorBytes(isp, { version: Number.MAX_SAFE_INTEGER }), "ERR_TRUST_GAP");
  });

  test("signatures over other bytes than these", async () => {
    const text = new TextDecoder().decode(await directorBytes(isp, { version: 2 }));
    await refused(new TextEncoder().encode(text.replace('"threshold":2', '"threshold":1')), "ERR_TRUST_THRESHOLD");
  });

  test("a director of another name", async () => {
    await refused(await directorBytes({ ...maker, root: isp.root }, { version: 2 }), "ERR_TRUST_SCOPE");
  });

  test("a signature that is garbage counts for nothing, and takes nothing from the others", async () => {
    const document = JSON.parse(new TextDecoder().decode(await directorBytes(isp, { version: 2, signers: [anna, bert, carl] })));
    document.signatures[0].sig = "00";
    const bytes = new TextEncoder().encode(JSON.stringify(document));
    expect((await verifyNextDirector(first, bytes)).version).toBe(2);
    document.signatures[1].sig = "zz";
    await refused(new TextEncoder().encode(JSON.stringify(document)), "ERR_TRUST_THRESHOLD");
  });

  test("an authority map that its director's root holders signed, not its owner", async () => {
    const map = await mapOf(isp);
    await expect(verifyNextMap(map, await mapBytes(isp, { version: 2, signers: isp.root }))).rejects.toMatchObject({
      code: "ERR_TRUST_THRESHOLD",
    });
  });

  async function refused(bytes: Uint8Array, code: string): Promise<void> {
    await expect(verifyNextDirector(first, bytes)).rejects.toMatchObject({ code });
  }
});
