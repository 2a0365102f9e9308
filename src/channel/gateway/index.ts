/** The process part that holds channels. */
import { Gateway, type GatewayOptions } from "./gateway.ts";

export type { Gateway, GatewayOptions } from "./gateway.ts";

/** Resolves when the gateway knows every order and listens. Throws what the backplane throws when it cannot be asked. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const gateway = new Gateway(options);
  await gateway.start();
  return gateway;
}
