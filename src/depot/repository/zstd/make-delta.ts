/** Makes the bytes of a delta: the new image compressed with the old one as dictionary. Needs about 300 MB of memory while it works. */
import { promisify } from "node:util";
import { constants, zstdCompress } from "node:zlib";

const compress = promisify(zstdCompress);

/**
 * Window, hash and chain cover both images, and the size is pledged: without these zstd chooses tables for the new image alone,
 * finds almost nothing in the old one, and the delta is as large as the image.
 */
const PARAMS = {
  [constants.ZSTD_c_compressionLevel]: 9,
  [constants.ZSTD_c_windowLog]: 26,
  [constants.ZSTD_c_hashLog]: 25,
  [constants.ZSTD_c_chainLog]: 25,
  [constants.ZSTD_c_searchLog]: 4,
};

export async function makeDelta(from: Uint8Array, to: Uint8Array): Promise<Uint8Array> {
  return compress(to, { dictionary: from, pledgedSrcSize: to.length, params: PARAMS });
}
