/** The process part that holds channels. */
import { Gateway, type GatewayOptions } from "./gateway.ts";

export type { Gateway, GatewayOptions } from "./gateway.ts";

/** Resolves when the gateway knows every order and listens. Throws what the backplane throws when it cannot be asked, or EADDRINUSE. */
export async function startGateway(options: GatewayOptions): Promise<Gateway> {
  const gateway = new Gateway(options);
  try {
    await gateway.start();
  } catch (error) {
    // Its timers would keep the process alive.
    await gateway.stop({ delayMs: 0 });
    throw error;
  }
  return gateway;
}
