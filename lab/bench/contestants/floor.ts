/** The floor: a loop of send() in C on plain TCP sockets (devices/floor.c). No server can send less work per command. */
import { Child } from "../support/child.ts";
import type { Workshop } from "../support/workshop.ts";
import type { Contestant } from "./contestant.ts";

export async function startFloor(workshop: Workshop): Promise<Contestant> {
  const child = new Child([workshop.compile("floor", ["floor.c"])]);
  const { port } = await child.hear((said) => "port" in said);
  return {
    name: "plain-tcp-send",
    protocol: "plain",
    port: Number(port),
    pids: [child.pid],
    prepare: async (bytes) => () => child.tell(String(bytes)),
    drained: async () => {},
    end: () => child.end(),
  };
}
