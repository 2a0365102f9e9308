/**
 * The composition root of the manager: one process for one tenant or for several, each on its own state directory and its own ports.
 * It holds no key that a device obeys.
 */
import { ServerError } from "./errors.ts";
import { type ServedTenant, type ServeOptions, serveTenant } from "./serve-tenant.ts";
import { readRunning, readState, type State } from "./state-directory.ts";
import { checkApart } from "./tenants-apart.ts";

export interface ManagerOptions extends ServeOptions {
  readonly directory: string;
  /** State directories of further tenants. */
  readonly alsoTenants?: readonly string[];
}

/** What it says of itself is about the first tenant; `stop` ends all. */
export interface Manager extends ServedTenant {
  readonly others: readonly ServedTenant[];
}

/** Starts all tenants or none. Throws ERR_SERVER_RUNNING when another server holds one of them, ERR_SERVER_STATE, ERR_SERVER_PORT. */
export async function startManager({ directory, alsoTenants = [], ...options }: ManagerOptions): Promise<Manager> {
  const main = readFree(directory);
  const more = alsoTenants.map(readFree);
  checkApart([main, ...more]);
  const start = (state: State) => serveTenant(state, { ...options, log: options.log.child({ tenant: state.config.tenant }) });
  const first = await start(main);
  const others: ServedTenant[] = [];
  const stop = async () => void (await Promise.all([first, ...others].map((tenant) => tenant.stop())));
  try {
    for (const state of more) others.push(await start(state));
  } catch (error) {
    await stop();
    throw error;
  }
  return { ...first, others, stop };
}

function readFree(directory: string): State {
  const state = readState(directory);
  const other = readRunning(state.paths);
  if (other !== undefined) throw new ServerError("ERR_SERVER_RUNNING", `another server (process ${other.pid}) holds ${directory}`);
  return state;
}
