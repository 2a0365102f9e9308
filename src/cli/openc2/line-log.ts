/** What transfers log, as lines for a person at a terminal: only what went wrong. */
import type { GatewayLog } from "../../channel/gateway/log.ts";
import { printable } from "./describe.ts";

export function lineLog(say: (text: string) => void): GatewayLog {
  const silent = () => {};
  const write = (facts: object, message: string) => {
    const { reason, code, detail } = facts as { readonly reason?: string; readonly code?: string; readonly detail?: string };
    say(printable([message, reason ?? code, detail].filter((part) => part !== undefined).join("; ")));
  };
  return { debug: silent, info: silent, warn: write, error: write };
}
