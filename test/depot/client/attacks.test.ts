/**
 * TUF's list of attacks (TUF 1.0 §1.5.2) and what Uptane adds to it, by a mirror that answers what it likes and by thieves of
 * keys: each against the device's verifier and against the whole client over TLS. What is done to bytes of images is in
 * blob-download.test.ts, what is done to a depot in ../hardening.test.ts.
 */
import { afterEach, describe, expect, test } from "bun:test";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { ROOT_ROTATIONS_MAX } from "../../../src/depot/limits.ts";
import { generateRoleKey } from "../../../src/depot/repository/role-signer.ts";
import { RepositorySimulator } from "../repository-simulator.ts";
import { NOW_MS } from "../world.ts";
import { AttackWorld, bytesIn, text, WAYS } from "./attack-world.ts";

const DAY_MS = 86_400_000;
const world = new AttackWorld();
afterEach(async () => {
  world.nowMs = NOW_MS;
  await world.close();
});

/** Version 2.3.4 with the counter 7, published once. */
async function published(threshold = 1): Promise<RepositorySimulator> {
  const simulator = new RepositorySimulator(NOW_MS, threshold);
  simulator.release("2.3.4", 7);
  await simulator.publishRoot();
  await simulator.publish();
  return simulator;
}

describe.each(WAYS)("%s", (way) => {
  test("arbitrary installation: what other keys than the role's have signed is refused, for every role", async () => {
    for (const role of ["targets", "snapshot", "timestamp"]) {
      const simulator = await published();
      const device = await world.device(way, simulator);
      simulator.signers.set(role, [generateRoleKey("stranger")]);
      simulator.release("6.6.6", 99);
      await simulator.publish();
      expect([role, await device.sees("6.6.6")]).toEqual([role, "ERR_DEPOT_METADATA_SIGNATURE"]);
    }
  });

  test("endless data: a role's file that is longer than the snapshot says is not read to its end", async () => {
    const simulator = await published();
    simulator.delegate("cam");
    await simulator.publish();
    const device = await world.device(way, simulator);
    simulator.files.set("2.cam.json", new Uint8Array(10_000_000));
    simulator.files.set("1.cam.json", new Uint8Array(10_000_000));
    expect(await device.sees("1.0.0")).toBe("ERR_DEPOT_TOO_LONG");
  });

  test("extraneous dependencies: what a release says beyond its facts fetches nothing and means nothing", async () => {
    const simulator = await published();
    simulator.release("2.4.0", 8, { custom: { dependencies: ["famousMaker/other/1.0.0"], requires: "1.other.json" } });
    await simulator.publish();
    const device = await world.device(way, simulator);
    expect(await device.sees("2.4.0")).toBe(8);
    expect(simulator.asked).toEqual(["2.root.json", "timestamp.json", "2.snapshot.json", "2.targets.json"]);
  });

  test("fast-forward: versions driven up by a thief hold devices off, until the stolen keys are rotated", async () => {
    const simulator = await published();
    const device = await world.device(way, simulator);
    const [timestamp, snapshot] = [simulator.timestampVersion, simulator.snapshotVersion];
    simulator.timestampVersion = simulator.snapshotVersion = 1_000_000_000;
    await simulator.publish();
    expect(await device.sees("2.3.4")).toBe(7);
    simulator.timestampVersion = timestamp;
    simulator.snapshotVersion = snapshot;
    await simulator.publish();
    expect(await device.sees("2.3.4")).toBe("ERR_DEPOT_METADATA_ROLLBACK");
    simulator.giveKeys("timestamp");
    simulator.giveKeys("snapshot");
    await simulator.publishRoot();
    await simulator.publish();
    expect(await device.sees("2.3.4")).toBe(7);
  });

  test("indefinite freeze: the old timestamp counts until it expires, and so does every other role's metadata", async () => {
    for (const role of ["timestamp", "snapshot", "targets", "root"]) {
      const simulator = new RepositorySimulator(NOW_MS);
      simulator.lifeDays[role] = 10;
      simulator.release("2.3.4", 7);
      await simulator.publishRoot();
      await simulator.publish();
      const device = await world.device(way, simulator);
      world.nowMs = NOW_MS + 9 * DAY_MS;
      expect([role, await device.sees("2.3.4")]).toEqual([role, 7]);
      world.nowMs = NOW_MS + 11 * DAY_MS;
      expect([role, await device.sees("2.3.4")]).toEqual([role, "ERR_DEPOT_METADATA_EXPIRED"]);
      world.nowMs = NOW_MS;
    }
  });

  test("malicious mirror prevents updates: one that answers nothing is named, and costs the device nothing that it knew", async () => {
    const simulator = await published();
    const device = await world.device(way, simulator);
    expect(await device.sees("2.3.4")).toBe(7);
    const files = new Map(simulator.files);
    simulator.files.clear();
    expect(await device.sees("2.3.4")).toBe("ERR_DEPOT_METADATA");
    for (const [file, bytes] of files) simulator.files.set(file, bytes);
    expect(await device.sees("2.3.4")).toBe(7);
  });

  test("mix-and-match: a role of one snapshot is not taken with the others of another, nor under another role's name", async () => {
    const simulator = await published();
    simulator.delegate("cam");
    simulator.delegate("lamp");
    await simulator.publish();
    const device = await world.device(way, simulator);
    await simulator.publish();
    simulator.files.set("2.cam.json", bytesIn(simulator, "1.cam.json"));
    expect(await device.sees("1.0.0")).toBe("ERR_DEPOT_METADATA");
    simulator.files.set("2.cam.json", bytesIn(simulator, "2.lamp.json"));
    expect(await device.sees("1.0.0")).toBe("ERR_DEPOT_METADATA");
  });

  test("rollback: an older timestamp, and by a thief of timestamp and snapshot an older role, a role left out", async () => {
    const simulator = await published();
    const old = bytesIn(simulator, "timestamp.json");
    const device = await world.device(way, simulator);
    await simulator.publish();
    expect(await device.sees("2.3.4")).toBe(7);
    const newest = bytesIn(simulator, "timestamp.json");
    simulator.files.set("timestamp.json", old);
    expect(await device.sees("2.3.4")).toBe("ERR_DEPOT_METADATA_ROLLBACK");
    simulator.files.set("timestamp.json", newest);
    simulator.alterMeta = (meta) => Object.assign(meta["targets.json"] ?? {}, { version: 1 });
    await simulator.publish();
    expect(await device.sees("2.3.4")).toBe("ERR_DEPOT_METADATA_ROLLBACK");
    simulator.alterMeta = (meta) => delete meta["targets.json"];
    await simulator.publish();
    expect(await device.sees("2.3.4")).toBe("ERR_DEPOT_METADATA");
  });

  test("key compromise: fewer keys than the threshold gain nothing, however often they sign", async () => {
    const simulator = await published(2);
    const device = await world.device(way, simulator);
    const [stolen, other] = simulator.signers.get("targets") ?? [];
    if (stolen === undefined || other === undefined) throw new Error("two keys are needed");
    simulator.release("6.6.6", 99);
    simulator.signers.set("targets", [stolen, generateRoleKey("stranger")]);
    await simulator.publish();
    expect(await device.sees("6.6.6")).toBe("ERR_DEPOT_METADATA_SIGNATURE");
    // The same signature under the other key's name.
    const forged = text(bytesIn(simulator, "2.targets.json"));
    const { signatures } = JSON.parse(forged) as { signatures: { keyid: string; sig: string }[] };
    expect(signatures).toHaveLength(2);
    simulator.signers.set("targets", [stolen, { ...stolen, publicJwk: other.publicJwk }]);
    await simulator.publish();
    expect(await device.sees("6.6.6")).toBe("ERR_DEPOT_METADATA_SIGNATURE");
    simulator.signers.set("targets", [stolen, other]);
    await simulator.publish();
    expect(await device.sees("6.6.6")).toBe(99);
  });

  test("key compromise: a new root needs enough keys of the old one and of its own, and no version is left out", async () => {
    const simulator = await published(2);
    const honest = simulator.signers.get("root") ?? [];
    const device = await world.device(way, simulator);
    const thief = [generateRoleKey("thief-1"), generateRoleKey("thief-2")];
    simulator.giveKeys("root", 2, thief);
    await simulator.publishRoot(honest.slice(0, 1));
    expect(await device.sees("2.3.4")).toBe("ERR_DEPOT_METADATA_SIGNATURE");
    await simulator.publishRoot(honest);
    simulator.files.set("2.root.json", bytesIn(simulator, "3.root.json"));
    expect(await device.sees("2.3.4")).toBe("ERR_DEPOT_METADATA_ROLLBACK");
    // Both people of the old root: a rotation, and the device follows it over more than one version.
    Object.assign(simulator.root, { version: 1 });
    await simulator.publishRoot(honest);
    simulator.giveKeys("root", 2, honest);
    await simulator.publishRoot(thief);
    expect(await device.sees("2.3.4")).toBe(7);
  });

  test("endless data: a device follows a limited number of roots in one refresh, and the others in the next", async () => {
    const simulator = await published();
    const device = await world.device(way, simulator);
    const honest = simulator.signers.get("root") ?? [];
    for (let rotations = 0; rotations <= ROOT_ROTATIONS_MAX; rotations += 1) await simulator.publishRoot(honest);
    simulator.giveKeys("timestamp");
    await simulator.publishRoot(honest);
    await simulator.publish();
    expect(await device.sees("2.3.4")).toBe("ERR_DEPOT_METADATA_SIGNATURE");
    expect(simulator.asked.filter((file) => file.endsWith(".root.json"))).toHaveLength(ROOT_ROTATIONS_MAX);
    expect(await device.sees("2.3.4")).toBe(7);
  });

  test("wrong software: a target that describes another release is refused", async () => {
    const simulator = await published();
    simulator.release("3.0.0", 9, { custom: { name: "otherModel" } });
    await simulator.publish();
    const device = await world.device(way, simulator);
    // The simulator wrote it under famousModel's path.
    expect(await device.sees("3.0.0")).toBe("ERR_DEPOT_RELEASE");
    expect(await device.sees("9.9.9")).toBe("ERR_DEPOT_RELEASE_NOT_FOUND");
  });

  test("drop-request: a mirror that holds back newer metadata shows by the expiry of the old, with the old one still installed", async () => {
    const simulator = await published();
    const device = await world.device(way, simulator);
    const held = new Map(simulator.files);
    simulator.release("2.3.5", 8);
    await simulator.publish();
    for (const [file, bytes] of held) simulator.files.set(file, bytes);
    // What a director orders meanwhile is not known to this mirror: the device says so, and asks again later.
    expect(await device.sees("2.3.5")).toBe("ERR_DEPOT_RELEASE_NOT_FOUND");
    world.nowMs = NOW_MS + 101 * DAY_MS;
    expect(await device.sees("2.3.5")).toBe("ERR_DEPOT_METADATA_EXPIRED");
  });

  test("partial bundle: of two roles published together a mirror cannot give one and keep the other", async () => {
    const simulator = await published();
    simulator.delegate("cam", "targets", { paths: ["famousMaker/famousModel/*"] });
    await simulator.publish();
    const device = await world.device(way, simulator);
    simulator.release("3.0.0", 9, { role: "cam" });
    await simulator.publish();
    simulator.files.delete("2.cam.json");
    expect(await device.sees("3.0.0")).toBe("ERR_DEPOT_METADATA");
    simulator.files.set("2.cam.json", bytesIn(simulator, "1.cam.json"));
    expect(await device.sees("3.0.0")).toBe("ERR_DEPOT_METADATA");
  });

  test("a floor survives a power cut: a torn file beside it changes nothing, and it was written before it was acted on", async () => {
    const simulator = await published();
    const old = bytesIn(simulator, "timestamp.json");
    const device = await world.device(way, simulator);
    await simulator.publish();
    // The refresh fails after the timestamp: even so it was seen.
    const snapshot = bytesIn(simulator, "2.snapshot.json");
    simulator.files.delete("2.snapshot.json");
    expect(await device.sees("2.3.4")).toBe("ERR_DEPOT_METADATA");
    const kept = await readFile(join(device.tufDir, "trusted.json"));
    await writeFile(join(device.tufDir, "trusted.json.new"), kept.subarray(0, kept.length >> 1));
    simulator.files.set("2.snapshot.json", snapshot);
    simulator.files.set("timestamp.json", old);
    expect(await device.sees("2.3.4")).toBe("ERR_DEPOT_METADATA_ROLLBACK");
  });
});
