/** Ed25519 public keys with which anybody can sign. Pure. */
import { bytesToHex } from "@noble/hashes/utils.js";

const POINT_BYTES = 32;
/**
 * y of Ed25519's points of small order, and spellings of them beyond the field, without the sign bit. For such a key anybody can
 * make a signature with S = 0 (RFC 8032 §5.1.7 does not exclude it): its holder could say that somebody else signed.
 */
const SMALL_ORDER: ReadonlySet<string> = new Set([
  "00".repeat(32),
  `01${"00".repeat(31)}`,
  "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
  "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
  `ec${"ff".repeat(30)}7f`,
  `ed${"ff".repeat(30)}7f`,
  `ee${"ff".repeat(30)}7f`,
]);

/** Whether this is such a point; its 32 bytes as RFC 8032 §5.1.2 writes them. */
export function isSmallOrder(point: Uint8Array): boolean {
  return point.length === POINT_BYTES && SMALL_ORDER.has(bytesToHex(point.with(POINT_BYTES - 1, (point[POINT_BYTES - 1] ?? 0) & 0x7f)));
}
