/** Whether a new image does its work: its bytes are what they should be, and the device's own health command says so. */
import type { DeviceConfig } from "./config.ts";
import { exitsWell } from "./exits-well.ts";
import type { Installer } from "./installer.ts";
import type { Slot } from "./state.ts";

export async function isHealthy(
  { healthCommand, healthTimeoutMs: timeoutMs, directory: cwd }: DeviceConfig,
  installer: Installer,
  slot: Slot,
): Promise<boolean> {
  if (!(await installer.isIntact(slot))) return false;
  return healthCommand === undefined || exitsWell(healthCommand, { cwd, timeoutMs, env: { EDICT_SLOT: slot } });
}
