/** Whose commands a device believes: the authority map, its replacement, and all the ways to have no say. */
import { beforeAll, describe, expect, test } from "bun:test";
import { encodeRequest, type Command } from "../../src/openc2/index.ts";
import type { Signer } from "../../src/trust/sign/index.ts";
import {
  type Authority,
  encodeAuthority,
  followDocument,
  makeAuthority,
  parseAuthority,
  verifyCommandFor,
} from "../../src/trust/verify/index.ts";
import { ALL_VERBS, ANYWHERE, directorBytes, directorOf, frameOf, makeParty, mapBytes, mapOf, YEAR_MS } from "./people.ts";

const isp = await makeParty("isp.example");
const maker = await makeParty("famousMaker.example");
const device = { vendor: "famousMaker", name: "famousModel" };
const nowMs = Date.now();

const UPDATE: Command = {
  action: "update",
  target: {
    "x-swup:software": {
      vendor: "famousMaker",
      name: "famousModel",
      new_version: "2.3.4",
      source: "https://updates.famousmaker.ce/patch.bin",
      size: 1_000,
      hashes: { sha256: "AB".repeat(32) },
    },
  },
  args: { response_requested: "none", "x-swup": { not_after: nowMs + 3_600_000 } },
  command_id: "wc17_9674309",
};
const QUERY: Command = { action: "query", target: { features: [] }, command_id: "what" };

let ispAlone: Authority;
let both: Authority;
beforeAll(async () => {
  ispAlone = makeAuthority(await mapOf(isp));
  both = makeAuthority(
    await mapOf(isp, {
      appointments: [
        { director: await directorOf(isp), scopes: [{ vendor: "famousMaker", model: "famousModel", verbs: ["query", "stop process"] }] },
        { director: await directorOf(maker), scopes: [{ vendor: "famousMaker", model: "*", verbs: ["update"] }] },
      ],
    }),
  );
});

function believe(
  authority: Authority,
  command: Command,
  signers: readonly Signer[],
  change: { device?: typeof device; atMs?: number } = {},
) {
  const payload = encodeRequest({ created: nowMs, from: "somebody" }, command);
  return frameOf(payload, "command", signers).then((frame) =>
    verifyCommandFor(frame, { authority, device: change.device ?? device, nowMs: change.atMs ?? nowMs }),
  );
}
const refusedWith = (code: string) => expect.objectContaining({ code });

describe("a director", () => {
  test("commands what the map gives it", async () => {
    const { persons, command } = await believe(ispAlone, UPDATE, [isp.author, isp.approver]);
    expect([persons, command.action]).toEqual([[isp.author.person, isp.approver.person], "update"]);
    await believe(both, UPDATE, [maker.author, maker.approver]);
    await believe(both, QUERY, [isp.author, isp.approver]);
  });

  test("that is not in the map", async () => {
    await expect(believe(ispAlone, UPDATE, [maker.author, maker.approver])).rejects.toEqual(refusedWith("ERR_TRUST_UNKNOWN_KEY"));
  });

  test("whose verb is another", async () => {
    await expect(believe(both, UPDATE, [isp.author, isp.approver])).rejects.toEqual(refusedWith("ERR_TRUST_SCOPE"));
    await expect(believe(both, QUERY, [maker.author, maker.approver])).rejects.toEqual(refusedWith("ERR_TRUST_SCOPE"));
  });

  test("whose vendor is another", async () => {
    const other = { vendor: "otherMaker", name: "famousModel" };
    await expect(believe(both, UPDATE, [maker.author, maker.approver], { device: other })).rejects.toEqual(refusedWith("ERR_TRUST_SCOPE"));
  });

  test("whose model is another", async () => {
    const other = { vendor: "famousMaker", name: "otherModel" };
    await expect(believe(both, QUERY, [isp.author, isp.approver], { device: other })).rejects.toEqual(refusedWith("ERR_TRUST_SCOPE"));
  });

  test("and another with one signature each are not two people of either", async () => {
    await expect(believe(both, UPDATE, [maker.author, isp.approver])).rejects.toEqual(refusedWith("ERR_TRUST_UNKNOWN_KEY"));
  });

  test("with one stolen key", async () => {
    await expect(believe(ispAlone, UPDATE, [isp.author])).rejects.toEqual(refusedWith("ERR_TRUST_THRESHOLD"));
  });

  test("with the root's keys, which command nothing", async () => {
    await expect(believe(ispAlone, UPDATE, isp.root.slice(0, 2))).rejects.toEqual(refusedWith("ERR_TRUST_UNKNOWN_KEY"));
  });

  test("whose document has expired can only stop things", async () => {
    const late = { atMs: nowMs + YEAR_MS + 86_400_000 };
    const lasting = { ...UPDATE, args: { response_requested: "none", "x-swup": { not_after: nowMs + 3 * YEAR_MS } } } as const;
    await expect(believe(ispAlone, lasting, [isp.author, isp.approver], late)).rejects.toEqual(refusedWith("ERR_TRUST_DIRECTOR_EXPIRED"));
    const cancel: Command = { ...lasting, action: "cancel", target: { command: "wc17_9674309" }, command_id: "x" };
    const frame = await frameOf(encodeRequest({ created: nowMs, from: "somebody" }, cancel), "stopping-command", [isp.author]);
    expect((await verifyCommandFor(frame, { authority: ispAlone, device, nowMs: late.atMs })).command.action).toBe("cancel");
  });

  test("cannot date a command past its own end, which would carry a device's time there", async () => {
    const payload = encodeRequest(
      { created: nowMs + 10 * YEAR_MS, from: "somebody" },
      { ...UPDATE, args: { response_requested: "none", "x-swup": { not_after: nowMs + 11 * YEAR_MS } } },
    );
    const frame = await frameOf(payload, "command", [isp.author, isp.approver]);
    await expect(verifyCommandFor(frame, { authority: ispAlone, device, nowMs })).rejects.toEqual(
      refusedWith("ERR_TRUST_DIRECTOR_EXPIRED"),
    );
  });

  test("in an expired map has no say either", async () => {
    const authority = makeAuthority(await mapOf(isp, { expiresMs: nowMs - 1 }));
    await expect(believe(authority, UPDATE, [isp.author, isp.approver])).rejects.toEqual(refusedWith("ERR_TRUST_DIRECTOR_EXPIRED"));
  });
});

describe("handover", () => {
  test("the new map gives the say to the manufacturer, and the ISP has none from then on", async () => {
    const after = await followDocument(ispAlone, await handover());
    await believe(after, UPDATE, [maker.author, maker.approver]);
    await expect(believe(after, UPDATE, [isp.author, isp.approver])).rejects.toEqual(refusedWith("ERR_TRUST_UNKNOWN_KEY"));
  });

  test("the OpenC2 command is the same in both of the use case's scenarios, byte for byte", async () => {
    const after = await followDocument(ispAlone, await handover());
    const first = await believe(ispAlone, UPDATE, [isp.author, isp.approver]);
    const second = await believe(after, UPDATE, [maker.author, maker.approver]);
    expect(second.sha256).toBe(first.sha256);
  });

  test("an older map replayed brings nobody back (map rollback)", async () => {
    const after = await followDocument(ispAlone, await handover());
    await expect(followDocument(after, await mapBytes(isp))).rejects.toEqual(refusedWith("ERR_TRUST_ROLLBACK"));
  });

  test("signed by who takes, not by who gives", async () => {
    const seized = await handover({ root: maker.owner, signers: maker.owner });
    await expect(followDocument(ispAlone, seized)).rejects.toEqual(refusedWith("ERR_TRUST_THRESHOLD"));
  });

  test("the owner himself may hand the map on", async () => {
    const after = await followDocument(
      ispAlone,
      await handover({ root: maker.owner, signers: [...isp.owner.slice(0, 2), ...maker.owner.slice(0, 2)] }),
    );
    const third = await mapBytes(maker, { owner: "isp.example", version: 3 });
    expect((await followDocument(after, third)).map.version).toBe(3);
    const regret = await mapBytes(isp, { version: 3 });
    await expect(followDocument(after, regret)).rejects.toEqual(refusedWith("ERR_TRUST_THRESHOLD"));
  });

  test("a new map does not take a director back to the version that it names", async () => {
    const rotated = await followDocument(ispAlone, await directorBytes(isp, { version: 2 }));
    const after = await followDocument(rotated, await mapBytes(isp, { version: 2 }));
    expect(after.directors.map(({ version }) => version)).toEqual([2]);
  });

  async function handover(change: Parameters<typeof mapBytes>[1] = {}): Promise<Uint8Array> {
    const appointments = [{ director: await directorOf(maker), scopes: [ANYWHERE] }];
    return mapBytes(isp, { version: 2, appointments, ...change });
  }
});

describe("an authority map is refused", () => {
  test.each([
    ["with a director twice", async () => [await directorOf(isp), await directorOf(isp)]],
    ["with more directors than a device keeps", () => Promise.all([1, 2, 3, 4, 5].map((name) => directorOf({ ...isp, name: `${name}` })))],
  ])("%s", async (_, make) => {
    const appointments = (await make()).map((director) => ({ director, scopes: [ANYWHERE] }));
    await expect(mapOf(isp, { appointments })).rejects.toEqual(refusedWith("ERR_TRUST_DIRECTOR"));
  });

  test("with more scopes than anybody reads", async () => {
    const scopes = Array.from({ length: 65 }, () => ANYWHERE);
    await expect(mapOf(isp, { appointments: [{ director: await directorOf(isp), scopes }] })).rejects.toEqual(
      refusedWith("ERR_TRUST_DIRECTOR"),
    );
  });

  test("as a director, and a director as a map", async () => {
    await expect(followDocument(ispAlone, await directorBytes(maker, { version: 2 }))).rejects.toEqual(refusedWith("ERR_TRUST_SCOPE"));
  });
});

test("what a device keeps is what it reads back", async () => {
  const rotated = await followDocument(both, await directorBytes(maker, { version: 2 }));
  const kept = parseAuthority(encodeAuthority(rotated));
  expect(kept.directors.map(({ name, version }) => [name, version])).toEqual([
    ["isp.example", 1],
    ["famousMaker.example", 2],
  ]);
  await believe(kept, UPDATE, [maker.author, maker.approver]);
  expect(ALL_VERBS).toContain("update");
});
