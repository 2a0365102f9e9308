/** What is heard of a command that was sent, over whichever transfer. */
import type { Response } from "../../openc2/index.ts";

export interface Heard {
  /** OpenC2 status; 200 also when only the transfer said that the command was taken. */
  readonly status: number;
  readonly text: string;
  readonly response?: Response;
}

export function answered(response: Response, from?: string): Heard {
  const { status, status_text: text = "" } = response;
  return { status, text: `${from === undefined ? "" : `${from}: `}${status} ${text}`.trimEnd(), response };
}
