/** One command to one consumer over HTTPS. */
import type { Habits } from "../../channel/push/habits.ts";
import { HttpsProducer } from "../../channel/push/https-producer.ts";
import type { Outcome } from "../../channel/push/outcome.ts";
import type { Command } from "../../openc2/index.ts";
import { answered, type Heard } from "./heard.ts";
import type { TlsPems } from "./tls-files.ts";

export interface HttpsSending {
  readonly url: string;
  readonly tls?: TlsPems;
  readonly habits: Habits;
  /** Own name. */
  readonly from: string;
  readonly to?: string;
  readonly timeoutMs: number;
}

export async function sendOverHttps(command: Command, { url, tls, habits, from, to, timeoutMs }: HttpsSending): Promise<Heard> {
  const producer = new HttpsProducer({ name: from, ...(tls && { tls }), timeoutMs, clock: { nowMs: Date.now } });
  try {
    return heardOf(await producer.send(command, { url, habits, ...(to !== undefined && { name: to }) }));
  } finally {
    producer.close();
  }
}

function heardOf(outcome: Outcome): Heard {
  switch (outcome.kind) {
    case "response":
      return answered(outcome.response);
    case "accepted":
      return { status: 200, text: "accepted; nothing more will be heard of it" };
    case "refused":
      return { status: outcome.status, text: `refused with ${outcome.status}, without a word` };
  }
}
