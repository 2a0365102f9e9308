/** Makes the throw-away world of the story: state directory, release, fleet, and a directory with key and certificate per webcam. */
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { enrollDevice, type Enrolment, prepareEnrolment } from "../../src/cli/enroll.ts";
import { initState } from "../../src/cli/init.ts";
import { publishRelease, type RepositoryKeys } from "../../src/depot/repository.ts";
import type { DeviceFacts } from "../../src/fleet/device.ts";
import { readState, type State } from "../../src/server/state-directory.ts";
import type { WebcamSpec } from "../webcams/protocol.ts";
import { makeFirmware } from "./firmware.ts";
import { freePorts } from "./free-ports.ts";
import type { Misfit } from "./misfits.ts";
import { seededRandom } from "./random.ts";
import { COUNTERS, MODEL, NEW_VERSION, TENANT, VENDOR } from "./webcams.ts";

export const SOURCE_HOST = "updates.famousmaker.ce";
/** What a webcam runs before: small, since thousands lie on one disk. */
const OLD_IMAGE_BYTES = 16 * 1024;
/** Certificates being made at the same time: enough to keep two cores busy. */
const ENROL_AT_ONCE = 16;

export interface World {
  readonly state: State;
  readonly ports: { readonly gateway: number; readonly depot: number; readonly api: number; readonly badCache: number };
  /** The new firmware, also as a file for the owner who updates by hand. */
  readonly image: Uint8Array;
  readonly imageFile: string;
}

export async function makeWorld(directory: string, seed: number, payloadBytes: number): Promise<World> {
  const [gateway = 0, depot = 0, api = 0, badCache = 0] = freePorts(4);
  const nowMs = Date.now();
  await initState({
    directory,
    tenant: TENANT,
    people: ["author", "approver"],
    passphraseOf: "plain",
    hostname: "127.0.0.1",
    ports: { gateway, depot, api },
    depotBitsPerSecond: 1e9,
    nowMs,
  });
  const state = readState(directory);
  const image = makeFirmware(`${MODEL} ${NEW_VERSION}`, payloadBytes, seededRandom(seed));
  const imageFile = join(directory, "new-firmware.bin");
  writeFileSync(imageFile, image);
  return { state, ports: { gateway, depot, api, badCache }, image, imageFile };
}

/** The manufacturer publishes release 2.3.4 of famousModel. */
export async function publishNewRelease({ state, image }: World): Promise<void> {
  const keys = (await Bun.file(join(state.paths.repositoryKeys, "keys.json")).json()) as RepositoryKeys;
  const release = {
    vendor: VENDOR,
    name: MODEL,
    version: NEW_VERSION,
    counter: COUNTERS[NEW_VERSION] ?? 0,
    hardware: ["fm-cam-r2"],
    source: `https://${SOURCE_HOST}/ub_x64/patch_20180222_1234.cpp`,
  };
  await publishRelease(state.paths.depot, { keys, release, image, nowMs: Date.now() });
}

/** Makes every webcam's directory; `onProgress` is told how many are done. */
export async function enrollWebcams(
  world: World,
  fleet: readonly DeviceFacts[],
  misfits: readonly Misfit[],
  onProgress: (done: number) => void,
): Promise<readonly WebcamSpec[]> {
  const enrolment = await prepareEnrolment(world.state, world.ports);
  const kinds = new Map(misfits.map(({ id, kind }) => [id, kind]));
  const specs = fleet.map(({ id }): WebcamSpec => {
    const misfit = kinds.get(id);
    return { id, directory: join(world.state.paths.devices, id.split(":").at(-1) ?? id), ...(misfit && { misfit }) };
  });
  mkdirSync(world.state.paths.devices, { recursive: true });
  let next = 0;
  await Promise.all(
    Array.from({ length: ENROL_AT_ONCE }, async () => {
      for (let index = next++; index < fleet.length; index = next++) {
        const [facts, spec] = [fleet[index], specs[index]];
        if (facts !== undefined && spec !== undefined) await enrollWebcam(world, enrolment, facts, spec);
        onProgress(index + 1);
      }
    }),
  );
  return specs;
}

async function enrollWebcam(world: World, enrolment: Enrolment, facts: DeviceFacts, spec: WebcamSpec): Promise<void> {
  await enrollDevice(enrolment, {
    facts,
    directory: spec.directory,
    image: makeFirmware(`${facts.name} ${facts.version}`, OLD_IMAGE_BYTES, seededRandom(facts.id.length)),
    counter: COUNTERS[facts.version] ?? 1,
    sources: [SOURCE_HOST],
    nowMs: Date.now(),
    ...(spec.misfit === "corrupt-download" && { depots: [`https://127.0.0.1:${world.ports.badCache}`] }),
    ...(spec.misfit === "unhealthy" && { healthCommand: ["false"] }),
  });
}
