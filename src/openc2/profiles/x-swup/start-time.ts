/** When a device starts (x-swup §3.3): spread over the time that the command gives, always the same for the same device and command. Pure. */
import { sha256 } from "@noble/hashes/sha2.js";

/** t0 + hash(device, command) mod spread. Anybody can recompute it; nobody needs to be asked. All in ms. */
export function startTimeMs(t0Ms: number, deviceId: string, commandId: string, spreadMs: number): number {
  if (spreadMs <= 0) return t0Ms;
  const digest = sha256(new TextEncoder().encode(`${deviceId}\n${commandId}`));
  const rank = new DataView(digest.buffer, digest.byteOffset).getBigUint64(0);
  return t0Ms + Number(rank % BigInt(Math.floor(spreadMs)));
}
