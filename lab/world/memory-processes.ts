/** What a full agent finds running beside it: processes with a name and nothing else, which end when they are asked to. */
import { FIRST_PID, type Process, type Processes } from "../../src/agent/processes/port.ts";
import type { SimProcess } from "./settings.ts";

const AGENT_PID = 2;
/** Of the first of the others. */
const OTHERS_PID = 100;
/** A device that loses what it needs still says what it did. ms */
const LOSS_MS = 1_000;

/** What runs on every device; nobody stops it. */
export const ALWAYS_RUNNING: readonly string[] = ["init", "edict"];

interface Events {
  readonly onChange: (bits: number) => void;
  readonly onLost: () => void;
}

export class MemoryProcesses implements Processes {
  readonly ownPid = AGENT_PID;
  readonly #processes: readonly SimProcess[];
  readonly #events: Events;
  #bits = 0;

  constructor(processes: readonly SimProcess[], events: Events) {
    this.#processes = processes;
    this.#events = events;
  }

  start(bits: number): void {
    this.#bits = bits;
    this.#events.onChange(bits);
  }

  async list(): Promise<readonly Process[]> {
    return processesOf(this.#processes, this.#bits);
  }

  async detail(): Promise<undefined> {}

  end({ pid }: Process): void {
    const index = pid - OTHERS_PID;
    this.start(this.#bits & ~(1 << index));
    if (this.#processes[index]?.isNeeded) setTimeout(() => this.#events.onLost(), LOSS_MS);
  }
}

export function processesOf(processes: readonly SimProcess[], bits: number): readonly Process[] {
  const always = ALWAYS_RUNNING.map((name, index) => processOf(FIRST_PID + index, name));
  const others = processes.flatMap(({ name }, index) => ((bits & (1 << index)) === 0 ? [] : [processOf(OTHERS_PID + index, name)]));
  return [...always, ...others];
}

function processOf(pid: number, name: string): Process {
  return { pid, parentPid: pid === FIRST_PID ? 0 : FIRST_PID, name, startedAt: "0", isKernel: false };
}
