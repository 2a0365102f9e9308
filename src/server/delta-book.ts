/** Which image a blob makes, if it is a delta: the after-action counts who fetched a release, in whichever way. */
import { deltasOf, readRepository } from "../depot/repository/read.ts";

export class DeltaBook {
  readonly #depotDirectory: string;
  readonly #images = new Map<string, Promise<string | undefined>>();

  constructor(depotDirectory: string) {
    this.#depotDirectory = depotDirectory;
  }

  /** By the blob's digest. The repository is read once for each blob: what a digest makes never changes. */
  imageOf(sha256: string): Promise<string | undefined> {
    const known = this.#images.get(sha256);
    if (known !== undefined) return known;
    const image = this.#read(sha256);
    this.#images.set(sha256, image);
    return image;
  }

  /** A repository that cannot be read at this moment costs the name of a delta, not the evidence; the next who asks tries again. */
  async #read(sha256: string): Promise<string | undefined> {
    try {
      const { targets } = await readRepository(this.#depotDirectory);
      return deltasOf(targets).find((delta) => delta.sha256 === sha256)?.to;
    } catch {
      this.#images.delete(sha256);
      return undefined;
    }
  }
}
