/**
 * The default installer: a slot is a folder with `image` and `manifest.json`. The manifest is written last, so a slot
 * without one holds nothing; the switch is the agent's state file, one atomic rename.
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Disk } from "../disk.ts";
import { AgentError } from "../errors.ts";
import type { Download, Installer, Manifest } from "../installer.ts";
import type { Slot } from "../state.ts";
import type { AgreedImage } from "../update-check.ts";

const MANIFEST = "manifest.json";
const IMAGE = "image";

export class FilesInstaller implements Installer {
  readonly #directory: string;
  readonly #disk: Disk;

  constructor(directory: string, disk: Disk) {
    this.#directory = directory;
    this.#disk = disk;
  }

  async manifest(slot: Slot): Promise<Manifest | undefined> {
    const bytes = await this.#disk.read(this.#path(slot, MANIFEST));
    return bytes && (JSON.parse(new TextDecoder().decode(bytes)) as Manifest);
  }

  async isIntact(slot: Slot): Promise<boolean> {
    const manifest = await this.manifest(slot);
    const image = await this.#disk.read(this.#path(slot, IMAGE));
    return manifest !== undefined && image !== undefined && image.length === manifest.size && sha256(image) === manifest.sha256;
  }

  async begin(slot: Slot, { sha256: digest, size }: AgreedImage): Promise<Download> {
    await this.#disk.makeDirectory(this.#path(slot, ""));
    // The slot stops being bootable before its content changes.
    if ((await this.manifest(slot)) !== undefined) await this.#disk.remove(this.#path(slot, MANIFEST));
    // Named by its digest: the rest of another image is never taken for the beginning of this one.
    const part = this.#path(slot, `${digest}.part`);
    let before = (await this.#disk.read(part)) ?? new Uint8Array(0);
    if (before.length > size) {
      await this.#disk.remove(part);
      before = new Uint8Array(0);
    }
    const hash = createHash("sha256").update(before);
    return {
      startAt: before.length,
      append: async (chunk) => {
        hash.update(chunk);
        await this.#disk.append(part, chunk);
      },
      digest: () => hash.copy().digest("hex"),
      commit: (manifest) => this.#commit(slot, part, manifest),
      discard: () => this.#disk.remove(part),
    };
  }

  async #commit(slot: Slot, part: string, manifest: Manifest): Promise<void> {
    await this.#disk.sync(part);
    if ((await this.#disk.size(part)) !== manifest.size)
      throw new AgentError("ERR_AGENT_INSTALL", `${part} does not have ${manifest.size} bytes`);
    await this.#disk.rename(part, this.#path(slot, IMAGE));
    await this.#disk.replace(this.#path(slot, MANIFEST), new TextEncoder().encode(JSON.stringify(manifest)));
  }

  #path(slot: Slot, name: string): string {
    return join(this.#directory, "slots", slot, name);
  }
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
