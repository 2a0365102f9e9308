/** What runs on the device, and how it is made to end. The real one reads /proc (proc-files.ts); a simulated device has it in memory. */

/** Of what the kernel starts, and everything else comes from. */
export const FIRST_PID = 1;

export interface Process {
  readonly pid: number;
  /** 0: it has none. */
  readonly parentPid: number;
  /** In full: never cut, as the kernel does after 15 bytes, where more is known. */
  readonly name: string;
  /** Tells it from a later process with the same pid. */
  readonly startedAt: string;
  /** A thread of the kernel: it has no executable, and does not end. */
  readonly isKernel: boolean;
}

/** Digests are of its executable, in lower-case hex. */
export type ProcessDetail = "cwd" | "command_line" | "path" | "md5" | "sha1" | "sha256";

export interface Processes {
  /** Of the agent itself. */
  readonly ownPid: number;
  /** All that run; one that has ended is not among them, whether or not its parent has noticed. */
  list(): Promise<readonly Process[]>;
  /** Undefined when it has none, or has ended by now. Throws ERR_AGENT_UNSUPPORTED for what cannot be found out: nobody may guess then. */
  detail(process: Process, what: ProcessDetail): Promise<string | undefined>;
  /** Asks it to end, or ends it. One that has ended, and whose pid may be another's, is left alone; so is one that it may not end. */
  end(process: Process, how: "ask" | "force"): void;
}
