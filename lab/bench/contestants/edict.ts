/** Edict's own gateway: parts in processes of their own, a real permit and a real signed command through the real backplane. */
import { join } from "node:path";
import type { SendOrder } from "../../../src/channel/backplane/port.ts";
import { documentOf } from "../../../src/trust/root-document.ts";
import { BenchManager } from "../support/bench-manager.ts";
import { Child } from "../support/child.ts";
import type { GatewayFacts } from "../support/gateway-process.ts";
import type { Workshop } from "../support/workshop.ts";
import type { Contestant } from "./contestant.ts";

const PROCESS = join(import.meta.dir, "../support/gateway-process.ts");

/** Starts one part of this manager's gateway. Resolves with its port when it listens. */
export async function startPart(workshop: Workshop, { socketPath, director }: BenchManager, facts: Partial<GatewayFacts> = {}) {
  const whole: GatewayFacts = {
    certificate: workshop.path("server.pem"),
    key: workshop.path("server.key"),
    authority: workshop.path("ca.pem"),
    hostname: "127.0.0.1",
    port: 0,
    part: "gateway-1/1",
    parts: 1,
    socketPath,
    director: workshop.write("director.json", JSON.stringify(documentOf(director))),
    ...facts,
  };
  const child = new Child([process.execPath, PROCESS, JSON.stringify(whole)]);
  const { port } = await child.hearEvent("listening");
  return { child, port: Number(port) };
}

/** All parts of this manager's gateway, on one port; the first stands when the others begin. */
export async function startParts(workshop: Workshop, manager: BenchManager, parts: number) {
  const first = await startPart(workshop, manager, { parts });
  const children = [first.child];
  for (let part = 2; part <= parts; part += 1) {
    children.push((await startPart(workshop, manager, { parts, port: first.port, part: `gateway-1/${part}` })).child);
  }
  return { port: first.port, children };
}

export async function startEdict(workshop: Workshop): Promise<Contestant> {
  const manager = await BenchManager.start(workshop);
  const { child, port } = await startPart(workshop, manager);
  let order: SendOrder | undefined;
  let count = 0;
  return {
    name: "edict",
    protocol: "edict",
    port,
    pids: [child.pid],
    prepare: async (bytes, devices) => {
      const next = await manager.prepare({ bytes, devices });
      order = next;
      count = devices;
      return () => manager.send(next);
    },
    drained: async () => {
      if (order !== undefined) await manager.marked(order, count);
    },
    end: async () => {
      await child.end();
      manager.stop();
    },
  };
}
