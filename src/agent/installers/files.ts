/**
 * The default installer: a slot is a folder with `image` and `manifest.json`. The manifest is written last, so a slot
 * without one holds nothing; the switch is the agent's state file, one atomic rename.
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import type { Disk } from "../disk.ts";
import { AgentError } from "../errors.ts";
import type { DeltaPart, Download, Installer, Manifest, Part } from "../installer.ts";
import type { Slot } from "../state.ts";
import type { AgreedDelta, AgreedImage } from "../update-check.ts";

const MANIFEST = "manifest.json";
const IMAGE = "image";
/** Of a file that is on its way. */
const PART = ".part";

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
    return (await this.image(slot)) !== undefined;
  }

  async image(slot: Slot): Promise<Uint8Array | undefined> {
    const manifest = await this.manifest(slot);
    const image = await this.#disk.read(this.#path(slot, IMAGE));
    const isWhole = manifest !== undefined && image?.length === manifest.size && sha256(image) === manifest.sha256;
    return isWhole ? image : undefined;
  }

  async begin(slot: Slot, image: AgreedImage): Promise<Download> {
    await this.#disk.makeDirectory(this.#path(slot, ""));
    // The slot stops being bootable before its content changes.
    if ((await this.manifest(slot)) !== undefined) await this.#disk.remove(this.#path(slot, MANIFEST));
    const part = this.#partPath(slot, image.sha256);
    return { ...(await this.#openPart(part, image.size)), commit: (manifest) => this.#commit(slot, part, manifest) };
  }

  async beginDelta(slot: Slot, delta: AgreedDelta): Promise<DeltaPart> {
    await this.#disk.makeDirectory(this.#path(slot, ""));
    const part = this.#partPath(slot, delta.sha256);
    return { ...(await this.#openPart(part, delta.size)), chunks: () => this.#disk.chunks(part) };
  }

  async clear(slot: Slot): Promise<void> {
    const names = await this.#disk.list(this.#path(slot, ""));
    for (const name of names.filter((other) => other.endsWith(PART))) await this.#disk.remove(this.#path(slot, name));
  }

  async #openPart(part: string, size: number): Promise<Part> {
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

  /** Named by its digest: the rest of another file is never taken for the beginning of this one. */
  #partPath(slot: Slot, digest: string): string {
    return this.#path(slot, `${digest}${PART}`);
  }

  #path(slot: Slot, name: string): string {
    return join(this.#directory, "slots", slot, name);
  }
}

export function sha256(bytes: Uint8Array): string {
  return createHash("sha256").update(bytes).digest("hex");
}
