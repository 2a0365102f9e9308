/** Makes a device's directory as its manufacturer would: identity, pinned trust, and the first image in slot A. */
import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type DeviceDocument, FILES } from "./config.ts";
import type { Manifest } from "./installer.ts";
import { sha256 } from "./installers/files.ts";
import { type DeviceState, encodeState } from "./state.ts";

export interface FactoryOrder {
  readonly config: DeviceDocument;
  readonly caPem: string;
  /** PEM of certificate and private key. `isFactory`: it enrols with it by itself; otherwise it is its own already. */
  readonly identity: { readonly pem: string; readonly isFactory: boolean };
  /** Whom it believes from the start: encodeAuthority. */
  readonly trust: Uint8Array;
  readonly tufRoot: Uint8Array;
  readonly image: Uint8Array;
  readonly software: { readonly version: string; readonly counter: number };
}

/** Overwrites what is there: a factory reset. No sync: a cut here means doing it again. */
export async function makeDeviceDirectory(directory: string, order: FactoryOrder): Promise<void> {
  const { config, identity, image, software } = order;
  const { vendor, name, hardware } = config;
  const slotA = join(directory, "slots", "a");
  await mkdir(slotA, { recursive: true, mode: 0o700 });
  const manifest: Manifest = { vendor, name, hardware, ...software, sha256: sha256(image), size: image.length };
  const state: DeviceState = { version: 1, boot: 0, active: "a", seen: [], floors: {}, timeFloorMs: config.timeFloorMs };
  await Promise.all([
    writeFile(join(slotA, "image"), image),
    writeFile(join(slotA, "manifest.json"), JSON.stringify(manifest)),
    writeFile(join(directory, FILES.device), JSON.stringify(config, null, 2)),
    writeFile(join(directory, FILES.authority), order.caPem),
    writeFile(join(directory, identity.isFactory ? FILES.factory : FILES.identity), identity.pem, { mode: 0o600 }),
    writeFile(join(directory, FILES.trust), order.trust),
    writeFile(join(directory, FILES.tufRoot), order.tufRoot),
    writeFile(join(directory, FILES.state), encodeState(state)),
  ]);
}
