/** One real agent on a directory of its own, a hand on its power switch, and everything that it told. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { Agent, type AgentEvent, type Disk } from "../../src/agent/index.ts";
import type { Processes } from "../../src/agent/processes/port.ts";
import type { DeviceState } from "../../src/agent/state.ts";

export interface TestDevice {
  readonly id: string;
  readonly directory: string;
  readonly events: AgentEvent[];
  /** Starts it, again after a power cut. Resolves or rejects as `run` does. */
  start(disk?: Disk, skewMs?: number, processes?: Processes): Promise<void>;
  stop(): Promise<void>;
  state(): DeviceState;
  /** Resolves when an event fits. */
  saw(fits: (event: AgentEvent) => boolean): Promise<AgentEvent>;
}

export function testDevice(id: string, directory: string): TestDevice {
  const events: AgentEvent[] = [];
  const waiting = new Set<() => void>();
  let agent: Agent | undefined;
  let running: Promise<void> = Promise.resolve();
  return {
    id,
    directory,
    events,
    start: (disk, skewMs = 0, processes = undefined) => {
      agent = new Agent({
        dir: directory,
        clock: { nowMs: () => Date.now() + skewMs },
        random: () => 0,
        onEvent: (event) => {
          events.push(event);
          for (const look of waiting) look();
        },
        ...(disk && { disk }),
        ...(processes && { processes }),
      });
      const run = agent.run();
      running = run.catch(() => undefined);
      return run;
    },
    stop: async () => {
      agent?.stop();
      await running;
    },
    state: () => JSON.parse(readFileSync(join(directory, "state.json"), "utf8")) as DeviceState,
    saw: (fits) =>
      new Promise((resolve) => {
        const look = () => {
          const event = events.find(fits);
          if (event === undefined) return;
          waiting.delete(look);
          resolve(event);
        };
        waiting.add(look);
        look();
      }),
  };
}
