/** A table of processes in memory: what each is, what cannot be seen of it, and how it takes it to be asked. */
import { AgentError } from "../../../src/agent/index.ts";
import type { Process, ProcessDetail, Processes } from "../../../src/agent/processes/port.ts";

export interface Row extends Partial<Omit<Process, "pid">> {
  readonly pid: number;
  readonly details?: { readonly [detail in ProcessDetail]?: string };
  /** A detail that nobody may look at. */
  readonly hidden?: ProcessDetail;
  /** "deaf" ends by force alone, "undying" not at all, "restarted" comes back as another process. */
  readonly manner?: "deaf" | "undying" | "restarted";
}

export class Table implements Processes {
  readonly ownPid = 50;
  readonly ended: string[] = [];
  #rows: readonly Row[];

  constructor(...rows: readonly Row[]) {
    this.#rows = [
      { pid: 1, parentPid: 0, name: "init" },
      { pid: 40, name: "supervisor" },
      { pid: 50, parentPid: 40, name: "edict" },
      ...rows,
    ];
  }

  async list(): Promise<readonly Process[]> {
    return this.#rows.map(({ pid, parentPid = 1, name = "", startedAt = "0", isKernel = false }) => ({
      pid,
      parentPid,
      name,
      startedAt,
      isKernel,
    }));
  }

  async detail({ pid }: Process, what: ProcessDetail): Promise<string | undefined> {
    const row = this.#rows.find((each) => each.pid === pid);
    if (row?.hidden === what) throw new AgentError("ERR_AGENT_UNSUPPORTED", `the ${what} of ${pid} cannot be seen`);
    return row?.details?.[what];
  }

  end({ pid, startedAt }: Process, how: "ask" | "force"): void {
    const row = this.#rows.find((each) => each.pid === pid && (each.startedAt ?? "0") === startedAt);
    if (row === undefined) return;
    this.ended.push(`${how} ${pid}`);
    if (row.manner === "undying" || (row.manner === "deaf" && how === "ask")) return;
    const again = row.manner === "restarted" ? [{ ...row, startedAt: `${startedAt}+` }] : [];
    this.#rows = [...this.#rows.filter((each) => each !== row), ...again];
  }
}
