/** The process part that holds channels. */
import { Gateway, type GatewayOptions } from "./gateway.ts";

export type { Gateway, GatewayOptions, GatewayStats } from "./gateway.ts";

/** Listens, and resolves when it knows every order and deny list: nobody denied slips in at the start. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const gateway = new Gateway(options);
  await gateway.ready();
  return gateway;
}
