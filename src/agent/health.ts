/** Whether a new image does its work: its bytes are what they should be, and the device's own health command says so. */
import { spawn } from "node:child_process";
import type { DeviceConfig } from "./config.ts";
import type { Installer } from "./installer.ts";
import type { Slot } from "./state.ts";

export async function isHealthy(
  { healthCommand, healthTimeoutMs, directory }: DeviceConfig,
  installer: Installer,
  slot: Slot,
): Promise<boolean> {
  if (!(await installer.isIntact(slot))) return false;
  return healthCommand === undefined || (await exitsWell(healthCommand, directory, healthTimeoutMs, slot));
}

function exitsWell([command = "", ...args]: readonly string[], cwd: string, timeout: number, slot: Slot): Promise<boolean> {
  const child = spawn(command, args, { cwd, timeout, stdio: "ignore", env: { ...process.env, EDICT_SLOT: slot } });
  return new Promise((resolve) => {
    child.once("error", () => resolve(false));
    child.once("exit", (status) => resolve(status === 0));
  });
}
