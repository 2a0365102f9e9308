/**
 * A device that sees to its own certificate: the first from its factory's, the next at two thirds of its life, one from a person's
 * hands when it slept too long; and the power cut at every step of a swap. A real manager, gateway and issuing process.
 */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { stat } from "node:fs/promises";
import { join } from "node:path";
import { makeDeviceDirectory } from "../../src/agent/index.ts";
import { splitPem } from "../../src/agent/config.ts";
import { EnrolmentWorld, factoryIdentity } from "../enrolment/world.ts";
import { CutDisk, PowerCut } from "./cut-disk.ts";
import { type TestDevice, testDevice } from "./test-device.ts";

const DAY_MS = 86_400_000;
let world: EnrolmentWorld;
beforeAll(async () => {
  world = await EnrolmentWorld.start({ validDays: 30 });
});
afterAll(() => world.stop());

/** As its factory sends it out: with a factory certificate, and where to go with it. */
async function fresh(serial: string): Promise<TestDevice> {
  const id = `urn:dev:ops:32473-${serial}`;
  await world.know(id, serial);
  const { paths, ports, issuing } = world;
  const factory = await factoryIdentity(world.factory, serial);
  const directory = join(world.directory, "devices", serial);
  await makeDeviceDirectory(directory, {
    config: {
      id,
      vendor: "famousMaker",
      name: "famousModel",
      hardware: "r1",
      gateway: `https://127.0.0.1:${ports.gateway}`,
      depots: [`https://127.0.0.1:${ports.depot}`],
      enrolment: `https://127.0.0.1:${issuing.port}`,
      sources: [],
      timeFloorMs: 0,
    },
    caPem: readFileSync(paths.authority, "utf8"),
    identity: { pem: `${factory.certificatePem}\n${factory.keyPem}`, isFactory: true },
    trust: readFileSync(paths.trust),
    tufRoot: readFileSync(join(paths.depot, "metadata", "1.root.json")),
    image: new TextEncoder().encode("the old image"),
    software: { version: "1.2.3", counter: 1 },
  });
  return testDevice(id, directory);
}

function certificateOf({ directory }: TestDevice): X509Certificate {
  return new X509Certificate(splitPem(readFileSync(join(directory, "device.pem"), "utf8")).certPem);
}

/** Enrols it so many days ago, and switches it off. */
async function enrolledDaysAgo(serial: string, days: number): Promise<TestDevice> {
  const device = await fresh(serial);
  world.skewMs = -days * DAY_MS;
  void device.start(undefined, world.skewMs);
  await device.saw(({ kind }) => kind === "enrolled");
  await device.stop();
  world.skewMs = 0;
  device.events.length = 0;
  return device;
}

test("a device fresh from its factory enrols by itself, and its channel stands", async () => {
  const device = await fresh("E1");
  void device.start();
  await device.saw(({ kind }) => kind === "connected");
  await device.stop();
  expect(certificateOf(device).subjectAltName).toBe(`URI:${device.id}`);
  // Nobody else on the device reads the key, and the one that was prepared is gone.
  expect((await stat(join(device.directory, "device.pem"))).mode & 0o777).toBe(0o600);
  expect(await stat(join(device.directory, "next.key")).catch(({ code }: { code: string }) => code)).toBe("ENOENT");
});

test("a certificate past two thirds of its life is renewed with a new key", async () => {
  const device = await enrolledDaysAgo("E2", 25);
  const before = certificateOf(device);
  void device.start();
  await device.saw(({ kind }) => kind === "enrolled");
  await device.saw(({ kind }) => kind === "connected");
  await device.stop();
  const after = certificateOf(device);
  expect(Date.parse(after.validTo)).toBeGreaterThan(Date.parse(before.validTo));
  expect(after.publicKey.equals(before.publicKey)).toBe(false);
  expect([after.subject, after.subjectAltName]).toEqual([before.subject, before.subjectAltName]);
  expect(await world.ledger()).toContain(`"act":"device.renewed","detail":{"device":"${device.id}"`);
});

test("before two thirds of its life a certificate is left alone", async () => {
  const device = await enrolledDaysAgo("E3", 10);
  void device.start();
  await device.saw(({ kind }) => kind === "connected");
  await device.stop();
  expect(device.events.map(({ kind }) => kind)).not.toContain("enrolled");
});

test("a device that slept past its certificate's end waits for a person, with the same key after a start", async () => {
  const device = await enrolledDaysAgo("E4", 40);
  void device.start();
  await device.saw(({ kind }) => kind === "waiting");
  await device.stop();
  const { requests } = await world.client("approver").enrolmentRequests();
  const waiting = requests.find(({ id }) => id === device.id);
  expect(waiting?.reason).toBe("expired");
  await world.client("approver").answerEnrolment(waiting?.request ?? "", "admitted");
  void device.start();
  await device.saw(({ kind }) => kind === "connected");
  await device.stop();
});

test("a device that is denied is told so, and keeps what it has", async () => {
  const device = await enrolledDaysAgo("E5", 25);
  await world.deny(device.id);
  const before = certificateOf(device);
  void device.start();
  const event = await device.saw(({ kind }) => kind === "not-enrolled");
  await device.stop();
  expect(event).toMatchObject({ reason: expect.stringContaining("ERR_ENROLMENT_DENIED") });
  expect(certificateOf(device).raw.equals(before.raw)).toBe(true);
});

test.each(["kept", "lost"] as const)(
  "wherever the power is cut while it renews, key and certificate belong together; what was not synced is %s",
  async (leaves) => {
    const counted = await enrolledDaysAgo(`count-${leaves}`, 25);
    const counting = new CutDisk(0, leaves);
    void counted.start(counting);
    await counted.saw(({ kind }) => kind === "enrolled");
    await counted.stop();
    expect(counting.steps.length).toBeGreaterThan(12);
    for (let step = 1; step <= counting.steps.length; step += 1) {
      const device = await enrolledDaysAgo(`cut-${leaves}-${step}`, 25);
      await device.start(new CutDisk(step, leaves)).catch((error: unknown) => {
        if (!(error instanceof PowerCut)) throw error;
      });
      const { certPem, keyPem } = splitPem(readFileSync(join(device.directory, "device.pem"), "utf8"));
      expect(new X509Certificate(certPem).checkPrivateKey(createPrivateKey(keyPem))).toBe(true);
      void device.start();
      // Renewed before the cut or after it: one way or the other it is done.
      while (Date.parse(certificateOf(device).validTo) < Date.now() + 28 * DAY_MS) await Bun.sleep(10);
      await device.stop();
    }
  },
  60_000,
);
