/**
 * Restarts the device, by the command that its manufacturer gave it: the system's own, which knows in which order to end what runs. A
 * device that has none is the agent and nothing else (as in tests and on a desk): it starts anew, and no other process is touched.
 */
import type { DeviceConfig } from "../config.ts";
import { AgentError } from "../errors.ts";
import { exitsWell } from "../exits-well.ts";
import { RESTART_MAX_MS } from "../limits.ts";
import { wait } from "../wait.ts";

type RestartConfig = Pick<DeviceConfig, "restartCommand" | "directory">;

/** Resolves when the agent is to start anew; where there is a command, nothing comes after it. Throws ERR_AGENT_RESTART when this process is still there. */
export async function restartDevice(
  { restartCommand, directory: cwd }: RestartConfig,
  graceMs: number,
  signal: AbortSignal,
  timeoutMs = RESTART_MAX_MS,
): Promise<void> {
  if (restartCommand === undefined) return;
  const env = { EDICT_GRACE_MS: String(graceMs) };
  const isDone = await exitsWell(restartCommand, { cwd, timeoutMs: timeoutMs + graceMs, env, signal });
  signal.throwIfAborted();
  if (!isDone) throw new AgentError("ERR_AGENT_RESTART", `${restartCommand[0]} did not restart the device`);
  await wait(timeoutMs + graceMs, signal);
  throw new AgentError("ERR_AGENT_RESTART", `${restartCommand[0]} succeeded, but the device still runs`);
}
