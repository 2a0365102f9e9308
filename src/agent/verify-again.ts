/** A job outlives starts and may wait for hours: who signed it must still have the say when it is done, and its time must not be over. */
import { base64url } from "jose";
import type { Clock } from "../trust/clock.ts";
import { type VerifiedCommand, verifyCommandFor } from "../trust/verify/index.ts";
import type { DeviceConfig } from "./config.ts";
import type { TrustFile } from "./trust-file.ts";

export interface VerifyPorts {
  readonly config: DeviceConfig;
  readonly trust: TrustFile;
  readonly clock: Clock;
}

/** Throws as verifyCommandFor. `frame` in base64url. */
export function verifyAgain({ frame }: { readonly frame: string }, { trust, config, clock }: VerifyPorts): Promise<VerifiedCommand> {
  return verifyCommandFor(base64url.decode(frame), { authority: trust.current, device: config, nowMs: clock.nowMs() });
}
