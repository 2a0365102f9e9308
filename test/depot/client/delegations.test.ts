/** Delegations as the device walks them (TUF 1.0 §5.6.7), and what a delegated role in hostile hands can do: little. */
import { afterEach, expect, test } from "bun:test";
import { DELEGATION_DEPTH_MAX, DELEGATION_PATHS_MAX, DELEGATION_ROLES_MAX } from "../../../src/depot/limits.ts";
import { generateRoleKey } from "../../../src/depot/repository/role-signer.ts";
import { type DelegationOptions, RepositorySimulator } from "../repository-simulator.ts";
import { NOW_MS } from "../world.ts";
import { AttackWorld } from "./attack-world.ts";

const world = new AttackWorld();
afterEach(() => world.close());

const MODEL = "famousMaker/famousModel/*";

async function simulated(make: (simulator: RepositorySimulator) => void) {
  const simulator = new RepositorySimulator(NOW_MS);
  make(simulator);
  await simulator.publishRoot();
  await simulator.publish();
  const device = await world.device("in process", simulator);
  return { simulator, device };
}

/** Roles that were asked for, in their order. */
function rolesAsked({ asked }: RepositorySimulator): readonly string[] {
  return asked.flatMap((file) => /^\d+\.(?!root|snapshot)(\w+)\.json$/.exec(file)?.[1] ?? []);
}

test("a release of a delegated role is found, and is not asked for again", async () => {
  const { simulator, device } = await simulated((repository) => {
    repository.delegate("cam");
    repository.release("2.3.4", 7, { role: "cam" });
  });
  expect(await device.sees("2.3.4")).toBe(7);
  simulator.files.delete("1.cam.json");
  expect(await device.sees("2.3.4")).toBe(7);
});

test("roles are asked depth first, in the order of their delegations, and the first who names the release counts", async () => {
  const { simulator, device } = await simulated((repository) => {
    repository.delegate("first");
    repository.delegate("second");
    repository.delegate("within", "first");
    repository.release("2.3.4", 7, { role: "within" });
    repository.release("2.3.4", 8, { role: "second" });
    repository.release("1.0.0", 1, { role: "second" });
  });
  expect(await device.sees("2.3.4")).toBe(7);
  expect(rolesAsked(simulator)).toEqual(["targets", "first", "within"]);
  expect(await device.sees("1.0.0")).toBe(1);
});

test("after a terminating delegation nobody else is asked, wherever the others were delegated", async () => {
  const { simulator, device } = await simulated((repository) => {
    repository.delegate("first");
    repository.delegate("second");
    repository.delegate("within", "first", { terminating: true });
    repository.release("2.3.4", 8, { role: "second" });
  });
  expect(await device.sees("2.3.4")).toBe("ERR_DEPOT_RELEASE_NOT_FOUND");
  expect(rolesAsked(simulator)).toEqual(["targets", "first", "within"]);
});

test("a role is not asked about a path that it was not given (wrong software)", async () => {
  const { simulator, device } = await simulated((repository) => {
    repository.delegate("lamp", "targets", { paths: ["famousMaker/famousLamp/*", "famousMaker/famousModel/1.*"] });
    repository.release("2.3.4", 99, { role: "lamp" });
    repository.release("1.9.9", 9, { role: "lamp" });
  });
  expect(await device.sees("2.3.4")).toBe("ERR_DEPOT_RELEASE_NOT_FOUND");
  expect(rolesAsked(simulator)).toEqual(["targets"]);
  expect(await device.sees("1.9.9")).toBe(9);
});

test("a role that was revoked has no say, though its old metadata is still served", async () => {
  const { simulator, device } = await simulated((repository) => {
    repository.delegate("cam");
    repository.release("2.3.4", 7, { role: "cam" });
  });
  expect(await device.sees("2.3.4")).toBe(7);
  const { delegations } = simulator.role("targets");
  delete delegations?.roles?.["cam"];
  await simulator.publish();
  expect(await device.sees("2.3.4")).toBe("ERR_DEPOT_RELEASE_NOT_FOUND");
});

test("a delegated threshold: one of two keys gains nothing", async () => {
  const { simulator, device } = await simulated((repository) => {
    repository.delegate("cam", "targets", { threshold: 2 });
    repository.release("2.3.4", 7, { role: "cam" });
    repository.signers.set("cam", (repository.signers.get("cam") ?? []).slice(0, 1));
  });
  expect(await device.sees("2.3.4")).toBe("ERR_DEPOT_METADATA_SIGNATURE");
  expect(simulator.asked).toContain("1.cam.json");
});

test("roles that delegate to each other are asked once each", async () => {
  const key = generateRoleKey("somebody");
  const { simulator, device } = await simulated((repository) => {
    repository.delegate("a", "targets", { keys: [key] });
    repository.delegate("b", "a", { keys: [key] });
    repository.delegate("a", "b", { keys: [key] });
  });
  expect(await device.sees("2.3.4")).toBe("ERR_DEPOT_RELEASE_NOT_FOUND");
  expect(rolesAsked(simulator)).toEqual(["targets", "a", "b"]);
});

function chain(repository: RepositorySimulator, length: number): void {
  for (let depth = 1; depth <= length; depth += 1) repository.delegate(`r${depth}`, depth === 1 ? "targets" : `r${depth - 1}`);
}

test("delegations are followed to a depth and no deeper (endless data)", async () => {
  const deepest = await simulated((repository) => {
    chain(repository, DELEGATION_DEPTH_MAX);
    repository.release("2.3.4", 7, { role: `r${DELEGATION_DEPTH_MAX}` });
  });
  expect(await deepest.device.sees("2.3.4")).toBe(7);
  const tooDeep = await simulated((repository) => {
    chain(repository, DELEGATION_DEPTH_MAX + 1);
    repository.release("2.3.4", 7, { role: `r${DELEGATION_DEPTH_MAX + 1}` });
  });
  expect(await tooDeep.device.sees("2.3.4")).toBe("ERR_DEPOT_METADATA");
});

test("a limited number of roles is asked about one release (endless data)", async () => {
  const many = (count: number) => (repository: RepositorySimulator) => {
    for (let index = 0; index < count; index += 1) repository.delegate(`r${index}`);
    repository.release("2.3.4", 7, { role: `r${count - 1}` });
  };
  expect(await (await simulated(many(DELEGATION_ROLES_MAX - 1))).device.sees("2.3.4")).toBe(7);
  const { simulator, device } = await simulated(many(DELEGATION_ROLES_MAX));
  expect(await device.sees("2.3.4")).toBe("ERR_DEPOT_METADATA");
  expect(rolesAsked(simulator)).toHaveLength(DELEGATION_ROLES_MAX);
});

test.each<[string, DelegationOptions & { name?: string }]>([
  ["a pattern that takes for ever to compare", { paths: ["famousMaker/*a*a*a*a*a*a*a*a*a*b/*"] }],
  ["a pattern of another kind", { paths: ["famousMaker/+(famous|famousModel)+/*"] }],
  ["too many patterns", { paths: Array.from({ length: DELEGATION_PATHS_MAX + 1 }, () => MODEL) }],
  ["a role named like a way out of the folder", { name: "../1.root" }],
  ["a role named like a number, which JavaScript would ask first", { name: "1" }],
])("a delegation with %s is refused", async (_, { name = "cam", ...options }) => {
  const { device } = await simulated((repository) => {
    repository.delegate(name, "targets", options);
    repository.release("2.3.4", 7, { role: name });
  });
  expect(await device.sees("2.3.4")).toBe("ERR_DEPOT_METADATA");
});
