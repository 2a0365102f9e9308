/** Keys change hands, delegations come and go, terms end: and a device that was pinned to the first root follows all of it. */
import { afterEach, expect, test } from "bun:test";
import { delegate, renew, revoke, rotate } from "../../../src/depot/repository/changes.ts";
import { viewOf } from "../../../src/depot/repository/describe.ts";
import { readRepository } from "../../../src/depot/repository/read.ts";
import { generateRoleKey } from "../../../src/depot/repository/role-signer.ts";
import { codeOf, World } from "../world.ts";
import { holders, Publisher } from "./publisher.ts";

const DAY_MS = 86_400_000;
const world = new World();
afterEach(() => world.close());

const MODEL = { vendor: "famousMaker", model: "famousModel" };
const lookUp = ["famousMaker", "famousModel", "2.3.4"] as const;

/** One release by ann and bob, and a device that has looked it up. */
async function make() {
  const publisher = await Publisher.make(await world.folder());
  const { ann, bob, cyd, online } = publisher;
  await publisher.publish(await publisher.signed(await publisher.draftRelease("2.3.4", 7), ann, bob));
  const client = await world.client(publisher.dir, [(await world.depot(publisher.dir)).url], { clock: { nowMs: () => publisher.nowMs } });
  expect((await client.release(...lookUp)).counter).toBe(7);
  return { publisher, client, ann, bob, cyd, online };
}

test("every role's keys are rotated, root's with the word of the old people and the new; a device follows", async () => {
  const { publisher, client, ann, bob } = await make();
  const [dan, eve] = [generateRoleKey("dan"), generateRoleKey("eve")];
  const toRoot = await publisher.draft((repository, nowMs) => rotate(repository, "root", holders(2, dan, eve), nowMs));
  expect(await codeOf(publisher.publish(await publisher.signed(toRoot, dan, eve)))).toBe("ERR_DEPOT_THRESHOLD");
  expect(await codeOf(publisher.publish(await publisher.signed(toRoot, ann, bob)))).toBe("ERR_DEPOT_THRESHOLD");
  expect(await codeOf(publisher.publish(await publisher.signed(toRoot, ann, dan, eve)))).toBe("ERR_DEPOT_THRESHOLD");
  await publisher.publish(await publisher.signed(toRoot, ann, bob, dan, eve));
  await publisher.change((repository, nowMs) => rotate(repository, "targets", holders(1, eve), nowMs), dan, eve);
  for (const role of ["snapshot", "timestamp"]) {
    const next = generateRoleKey(`next ${role}`);
    const bundle = await publisher.draft((repository, nowMs) => rotate(repository, role, holders(1, next), nowMs));
    await publisher.publish(await publisher.signed(bundle, dan, eve), next);
    Object.assign(publisher, { online: role === "snapshot" ? publisher.online : next });
    if (role === "snapshot") Object.assign(publisher, { publish: publishWith(publisher, next) });
  }
  const { root } = await readRepository(publisher.dir);
  expect(root.signed.version).toBe(5);
  expect(Object.keys(root.signed.keys)).toHaveLength(4);
  expect((await client.release(...lookUp)).counter).toBe(7);
  await publisher.publish(await publisher.signed(await publisher.draftRelease("2.3.5", 8), eve));
  expect((await client.release("famousMaker", "famousModel", "2.3.5")).counter).toBe(8);
  expect(
    await codeOf(
      publisher
        .draftRelease("2.3.6", 9)
        .then((bundle) => publisher.signed(bundle, ann, bob))
        .then((bundle) => publisher.publish(bundle)),
    ),
  ).toBe("ERR_DEPOT_THRESHOLD");
});

/** The snapshot key has left the publishing machine's own. */
function publishWith(publisher: Publisher, snapshot: ReturnType<typeof generateRoleKey>): Publisher["publish"] {
  const publish = publisher.publish.bind(publisher);
  return (bundle, ...more) => publish(bundle, snapshot, ...more);
}

test("a delegation: a model's own people release it, with their threshold, and nobody needs the targets keys for that", async () => {
  const { publisher, client, ann, bob } = await make();
  const [sam, tom] = [generateRoleKey("sam"), generateRoleKey("tom")];
  await publisher.change(
    (repository, nowMs) => delegate(repository, { role: "cam", ...MODEL, ...holders(2, sam, tom) }, nowMs),
    ann,
    bob,
    sam,
    tom,
  );
  const bundle = await publisher.draftRelease("2.4.0", 8);
  expect([...bundle.draft.targets.keys()]).toEqual(["cam"]);
  expect(await codeOf(publisher.publish(await publisher.signed(bundle, ann, bob, sam)))).toBe("ERR_DEPOT_THRESHOLD");
  await publisher.publish(await publisher.signed(bundle, sam, tom));
  expect((await client.release("famousMaker", "famousModel", "2.4.0")).counter).toBe(8);
  // The counter goes on across roles, and other models stay with targets.
  expect(await codeOf(publisher.draftRelease("2.4.1", 8))).toBe("ERR_DEPOT_COUNTER");
  expect([...(await publisher.draftRelease("1.0.0", 1, { name: "famousLamp" })).draft.targets.keys()]).toEqual(["targets"]);
});

test("a delegated role's keys are rotated, by the delegator's word", async () => {
  const { publisher, client, ann, bob } = await make();
  const [sam, tom] = [generateRoleKey("sam"), generateRoleKey("tom")];
  await publisher.change((repository, nowMs) => delegate(repository, { role: "cam", ...MODEL, ...holders(1, sam) }, nowMs), ann, bob, sam);
  await publisher.publish(await publisher.signed(await publisher.draftRelease("2.4.0", 8), sam));
  const bundle = await publisher.draft((repository, nowMs) => rotate(repository, "cam", holders(1, tom), nowMs));
  expect(await codeOf(publisher.publish(await publisher.signed(bundle, sam, tom)))).toBe("ERR_DEPOT_THRESHOLD");
  await publisher.publish(await publisher.signed(bundle, ann, bob, tom));
  expect((await client.release("famousMaker", "famousModel", "2.4.0")).counter).toBe(8);
});

test("a delegation that was revoked is forgotten by devices; its name, given again, goes on counting", async () => {
  const { publisher, client, ann, bob } = await make();
  const sam = generateRoleKey("sam");
  const give = () =>
    publisher.change((repository, nowMs) => delegate(repository, { role: "cam", ...MODEL, ...holders(1, sam) }, nowMs), ann, bob, sam);
  await give();
  await publisher.publish(await publisher.signed(await publisher.draftRelease("2.4.0", 8), sam));
  expect((await client.release("famousMaker", "famousModel", "2.4.0")).counter).toBe(8);
  await publisher.change((repository, nowMs) => revoke(repository, "cam", nowMs), ann, bob);
  expect(await codeOf(client.release("famousMaker", "famousModel", "2.4.0"))).toBe("ERR_DEPOT_RELEASE_NOT_FOUND");
  expect((await client.release(...lookUp)).counter).toBe(7);
  await give();
  expect((await readRepository(publisher.dir)).targets.get("cam")?.signed.version).toBe(3);
  await publisher.publish(await publisher.signed(await publisher.draftRelease("2.4.1", 9), sam));
  expect((await client.release("famousMaker", "famousModel", "2.4.1")).counter).toBe(9);
});

test.each([
  ["a role that is not there", "rotate", "nobody", []],
  ["one person with two keys", "rotate", "targets", ["ann", "ann"]],
  ["more signatures than people", "rotate", "root", ["ann"]],
  ["a name that is a file's", "delegate", "../cam", ["ann", "bob"]],
  ["the name of a role at the top", "delegate", "timestamp", ["ann", "bob"]],
  ["nothing to revoke", "revoke", "cam", []],
] as const)("%s is refused", async (_, kind, role, names) => {
  const { publisher } = await make();
  const people = holders(2, ...names.map((name) => generateRoleKey(name)));
  const drafted = publisher.draft((repository, nowMs) => {
    if (kind === "rotate") return rotate(repository, role, people, nowMs);
    return kind === "revoke" ? revoke(repository, role, nowMs) : delegate(repository, { role, ...MODEL, ...people }, nowMs);
  });
  expect(await codeOf(drafted)).toBe("ERR_DEPOT_ROLE");
});

test("one key under two names is refused: it would count as two people", async () => {
  const { publisher, ann } = await make();
  const people = holders(2, ann, { ...ann, person: "somebody else" });
  expect(await codeOf(publisher.draft((repository, nowMs) => rotate(repository, "targets", people, nowMs)))).toBe("ERR_DEPOT_ROLE");
});

test("a model whose name other clients would take for a pattern is not delegated", async () => {
  const { publisher } = await make();
  const people = holders(1, generateRoleKey("sam"));
  for (const model of ["*", "cam?", "cam[1]"])
    expect(
      await codeOf(
        publisher.draft((repository, nowMs) => delegate(repository, { role: "cam", vendor: "famousMaker", model, ...people }, nowMs)),
      ),
    ).toBe("ERR_DEPOT_ROLE");
});

test("the forecast says what expires when, and who signed", async () => {
  const { publisher } = await make();
  const roles = viewOf(await readRepository(publisher.dir), publisher.nowMs + 20 * DAY_MS);
  expect(roles.map(({ role, daysLeft }) => [role, daysLeft])).toEqual([
    ["root", 345],
    ["targets", 70],
    ["snapshot", 70],
    ["timestamp", 10],
  ]);
  expect(roles[1]).toMatchObject({ version: 2, threshold: 2, signed: ["ann", "bob"], others: ["cyd"], releases: 1 });
});

test("under a clock 400 days ahead everything has expired: devices refuse, people renew, devices follow", async () => {
  const { publisher, client, ann, bob, cyd } = await make();
  publisher.nowMs += 400 * DAY_MS;
  expect(await codeOf(client.release(...lookUp))).toBe("ERR_DEPOT_METADATA_EXPIRED");
  const late = viewOf(await readRepository(publisher.dir), publisher.nowMs);
  expect(late.every(({ daysLeft }) => daysLeft < 0)).toBe(true);
  await publisher.change((repository, nowMs) => renew(repository, ["timestamp"], nowMs));
  expect(await codeOf(client.release(...lookUp))).toBe("ERR_DEPOT_METADATA_EXPIRED");
  const all = late.map(({ role }) => role);
  await publisher.change((repository, nowMs) => renew(repository, all, nowMs), cyd, bob);
  expect((await client.release(...lookUp)).counter).toBe(7);
  expect(viewOf(await readRepository(publisher.dir), publisher.nowMs).map(({ daysLeft }) => daysLeft)).toEqual([365, 90, 90, 30]);
  // And keys that were lost meanwhile can still be replaced by those that were not.
  const dan = generateRoleKey("dan");
  await publisher.change((repository, nowMs) => rotate(repository, "root", holders(2, ann, bob, dan), nowMs), ann, bob);
  expect((await client.release(...lookUp)).counter).toBe(7);
});
