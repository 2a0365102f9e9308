/** The words of the x-iot profile (device housekeeping): its target, args and results. docs/profiles/x-iot defines them. */

export const X_IOT = "x-iot";
export const MODEL_TARGET = "x-iot:model";

/** Target of `restart` and `query`: every device of a kind, so that one text fits them all. */
export interface DeviceModel {
  readonly vendor?: string;
  readonly name?: string;
  readonly hardware?: readonly string[];
}

/** Target of `stop` and `query`: the language's own `process` (LS 1.0 §3.4.1.15). */
export interface ProcessTarget {
  readonly pid?: number;
  readonly name?: string;
  readonly cwd?: string;
  readonly executable?: {
    readonly name?: string;
    /** Absolute. */
    readonly path?: string;
    /** Base16. */
    readonly hashes?: { readonly md5?: string; readonly sha1?: string; readonly sha256?: string };
  };
  readonly parent?: ProcessTarget;
  readonly command_line?: string;
}

export interface XIotArgs {
  /** ms since the epoch; a consumer refuses the command from then on. */
  readonly not_after?: number;
  /** ms; the consumer starts at t0 + hash(device, command) mod spread. */
  readonly spread?: number;
  /** ms that a process, or all of them before a restart, gets to end by itself. */
  readonly grace?: number;
}

export const HOUSEKEEPING_STATES = ["queued", "running", "done", "failed", "cancelled"] as const;

export interface LastCommand {
  readonly command_id: string;
  readonly action: "stop" | "restart";
  readonly state: (typeof HOUSEKEEPING_STATES)[number];
  /** A stable code (`ERR_...`), present when the state is failed. */
  readonly error?: string;
}

export interface RunningProcess {
  readonly pid: number;
  readonly name: string;
}

export interface XIotResults {
  /** Processes that this command stopped. */
  readonly stopped?: number;
  /** Processes that run and match. */
  readonly processes?: readonly RunningProcess[];
  /** ms since the device started. */
  readonly uptime?: number;
  readonly last_command?: LastCommand;
}
