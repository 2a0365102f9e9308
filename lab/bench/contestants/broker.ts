/** Brokers in which a device itself publishes to all the others: they differ in their configuration only. */
import type { Devices, Protocol } from "../support/devices.ts";
import type { Contestant } from "./contestant.ts";
import { listening } from "./installed.ts";

interface BrokerOptions {
  readonly name: string;
  readonly protocol: Protocol;
  readonly port: number;
  readonly command: readonly string[];
}

export async function publishedBy({ name, protocol, port, command }: BrokerOptions): Promise<Contestant> {
  const server = Bun.spawn([...command], { stdio: ["ignore", "ignore", "ignore"] });
  await listening(server, port);
  return {
    name,
    protocol,
    port,
    pids: [server.pid],
    prepare: async (bytes: number, _count: number, devices: Devices) => () => devices.publish(bytes),
    drained: async () => {},
    end: async () => {
      server.kill();
      await server.exited;
    },
  };
}
