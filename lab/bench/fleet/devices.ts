/** The fleet of the bench: 20 makers, 100 models, 5 versions of each, 50 regions, 40 tags; ids in no order, as serial numbers come. */
import { createWriteStream } from "node:fs";

export const TENANT = "isp.example";
export const VERSIONS = ["1.0.0", "1.1.0", "1.9.2", "1.10.0", "2.0.0"];
/** The import knows no device that runs it. */
export const NEW_VERSION = "3.0.0";
const ZONES = ["Europe/Amsterdam", "Europe/Madrid", "America/Lima", "America/New_York", "Asia/Tokyo", "Africa/Lagos"];
const HEADER = "id,tenant,vendor,name,version,hardware,region,timeZone,tags,subscribed,optedOut";

export function idOf(index: number): string {
  return `urn:dev:mac:${mix(index).toString(16).padStart(8, "0")}${index.toString(16).padStart(8, "0")}`;
}

export function versionOf(index: number): string {
  return VERSIONS[dice(index, 5, VERSIONS.length)] ?? "";
}

/** Writes so many devices as CSV; returns the bytes. */
export async function writeFleet(path: string, count: number): Promise<number> {
  const file = createWriteStream(path, { highWaterMark: 4 * 1_048_576 });
  let bytes = 0;
  let text = `${HEADER}\n`;
  for (let index = 0; index < count; index += 1) {
    text += line(index);
    if (text.length < 1_048_576 && index < count - 1) continue;
    bytes += text.length;
    if (!file.write(text)) await new Promise<void>((resolve) => file.once("drain", () => resolve()));
    text = "";
  }
  await new Promise<void>((resolve) => file.end(resolve));
  return bytes;
}

function line(index: number): string {
  const model = dice(index, 1, 100);
  const tags = Array.from({ length: dice(index, 2, 3) }, (_, n) => `tag-${dice(index, 3 + n, 40)}`).join(" ");
  const software = `maker-${model % 20},model-${model},${versionOf(index)},r${dice(index, 6, 3)}`;
  const place = `region-${dice(index, 7, 50)},${ZONES[dice(index, 8, ZONES.length)]}`;
  return `${idOf(index)},${TENANT},${software},${place},${tags},${dice(index, 9, 20) > 0},${dice(index, 10, 25) === 0}\n`;
}

/** One of the device's dice, each with its salt. */
function dice(index: number, salt: number, sides: number): number {
  return mix(index * 16 + salt) % sides;
}

/** A number from another, without a pattern (the finaliser of MurmurHash3). */
export function mix(value: number): number {
  let hash = Math.imul(value ^ (value >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
