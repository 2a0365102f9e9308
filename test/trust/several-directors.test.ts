/** A map with several directors: which versions of them count, whose refusal is told, and what their scopes cover. */
import { describe, expect, test } from "bun:test";
import { isCovered, type Scope } from "../../src/trust/authority-map.ts";
import { encodeRequest, type Command } from "../../src/openc2/index.ts";
import { DIRECTORS_MAX, SCOPES_MAX } from "../../src/trust/limits.ts";
import type { Signer } from "../../src/trust/sign/index.ts";
import { type Authority, followDocument, makeAuthority, verifyCommandFor } from "../../src/trust/verify/index.ts";
import { ANYWHERE, directorBytes, directorOf, frameOf, makeParty, mapBytes, mapOf, type Party, YEAR_MS } from "./people.ts";

const isp = await makeParty("isp.example");
const maker = await makeParty("famousMaker.example");
const device = { vendor: "famousMaker", name: "famousModel" };
const nowMs = Date.now();
const CANCEL: Command = { action: "cancel", target: { command: "wc17" }, command_id: "wc17-x" };
const QUERY: Command = { action: "query", target: { features: [] }, command_id: "what" };

function believe(authority: Authority, command: Command, signers: readonly Signer[]) {
  const statement = command.action === "cancel" ? "stopping-command" : "command";
  const payload = encodeRequest({ created: nowMs, from: "somebody" }, command);
  return frameOf(payload, statement, signers).then((frame) => verifyCommandFor(frame, { authority, device, nowMs }));
}

/** Both of them, with these verbs each. */
async function appointed(first: Party, verbs: readonly string[], second: Party, others: readonly string[], expiresMs = nowMs + YEAR_MS) {
  const scope = { vendor: "*", model: "*" };
  return makeAuthority(
    await mapOf(isp, {
      appointments: [
        { director: await directorOf(first, { expiresMs }), scopes: [{ ...scope, verbs }] },
        { director: await directorOf(second), scopes: [{ ...scope, verbs: others }] },
      ],
    }),
  );
}

describe("the versions that count", () => {
  const versions = ({ directors }: Authority) => directors.map(({ name, version }) => [name, version]);

  test("a map that names a newer version of a director than the device knows brings it", async () => {
    const appointments = [{ director: await directorOf(isp, { version: 3 }), scopes: [ANYWHERE] }];
    const after = await followDocument(makeAuthority(await mapOf(isp)), await mapBytes(isp, { version: 2, appointments }));
    expect(versions(after)).toEqual([["isp.example", 3]]);
  });

  test("the next version of one director takes none from the other", async () => {
    const first = await followDocument(await appointed(isp, [], maker, []), await directorBytes(isp, { version: 2 }));
    const both = await followDocument(first, await directorBytes(maker, { version: 2 }));
    expect(versions(both)).toEqual([
      ["isp.example", 2],
      ["famousMaker.example", 2],
    ]);
  });
});

describe("whose refusal is told", () => {
  test("that of the director whose two people signed, not of one who shares a key with it", async () => {
    const sharing = { ...isp, author: maker.author };
    const authority = await appointed(sharing, ["query"], maker, ["update"]);
    await expect(believe(authority, QUERY, [maker.author, maker.approver])).rejects.toMatchObject({
      code: "ERR_TRUST_SCOPE",
      message: expect.stringContaining("famousMaker.example"),
    });
  });

  test("that of the first, when both have the same people and neither the say", async () => {
    const authority = await appointed({ ...maker, name: "isp.example" }, ["query"], maker, ["update"], nowMs - 1);
    await expect(believe(authority, QUERY, [maker.author, maker.approver])).rejects.toMatchObject({ code: "ERR_TRUST_DIRECTOR_EXPIRED" });
  });

  test("nobody's, when the second of two with the same people has the say", async () => {
    const authority = await appointed({ ...maker, name: "isp.example" }, ["update"], maker, ["query"]);
    expect((await believe(authority, QUERY, [maker.author, maker.approver])).commandId).toBe("what");
  });
});

test("past the end of the map one person can still stop things, and nobody anything else", async () => {
  const authority = makeAuthority(await mapOf(isp, { expiresMs: nowMs - 1 }));
  expect((await believe(authority, CANCEL, [isp.author])).command.action).toBe("cancel");
  await expect(believe(authority, QUERY, [isp.author, isp.approver])).rejects.toMatchObject({ code: "ERR_TRUST_DIRECTOR_EXPIRED" });
});

describe("a scope", () => {
  const scope = (change: Partial<Scope> = {}): Scope => ({ vendor: "famousMaker", model: "famousModel", verbs: ["update"], ...change });
  const UPDATE = "update x-swup:software";

  test.each<readonly [string, boolean, readonly Scope[], string]>([
    ["covers an action with all of its targets", true, [scope()], UPDATE],
    ["covers one target of an action", true, [scope({ verbs: [UPDATE] })], UPDATE],
    ["does not cover another target of it", false, [scope({ verbs: [UPDATE] })], "update file"],
    ["does not cover an action whose name begins alike", false, [scope({ verbs: ["up"] })], UPDATE],
    ["covers nothing without verbs: a star is none", false, [scope({ verbs: ["*"] })], UPDATE],
    ["covers what the second of two covers", true, [scope({ model: "another" }), scope()], UPDATE],
    ["is not put together of two", false, [scope({ model: "another" }), scope({ verbs: ["query"] })], UPDATE],
    ["is nothing where there is none", false, [], UPDATE],
  ])("%s", (_, covers, scopes, verb) => {
    expect(isCovered(scopes, device, verb)).toBe(covers);
  });
});

test("a map may have as many directors, and a director as many scopes, as the limits say", async () => {
  expect([DIRECTORS_MAX, SCOPES_MAX]).toEqual([4, 64]);
  const directors = await Promise.all([1, 2, 3, 4].map((name) => directorOf({ ...isp, name: `${name}` })));
  const scopes = Array.from({ length: 64 }, () => ANYWHERE);
  const map = await mapOf(isp, { appointments: directors.map((director, index) => ({ director, scopes: index === 0 ? scopes : [] })) });
  expect(map.appointments.map((appointment) => appointment.scopes.length)).toEqual([64, 0, 0, 0]);
});
