/** One command over one of the transfers, and what is heard of it, in one form. */
import pino from "pino";
import { makeClientId, type MqttAnswer, MqttProducer, type Recipients } from "../../channel/mqtt/index.ts";
import type { Habits } from "../../channel/push/habits.ts";
import { HttpsProducer } from "../../channel/push/https-producer.ts";
import type { Outcome } from "../../channel/push/outcome.ts";
import type { Command, Response, Serialisation } from "../../openc2/index.ts";
import type { TlsPems } from "./tls-files.ts";

export interface Sending {
  readonly url: string;
  readonly tls?: TlsPems;
  readonly habits: Habits;
  /** Own name. */
  readonly name: string;
  /** The consumer's name. */
  readonly to?: string;
  /** Through a broker. */
  readonly recipients?: Recipients;
  readonly serialisation: Serialisation;
  readonly waitMs: number;
  /** Called as it is heard. */
  readonly say: (heard: Heard) => void;
}

export interface Heard {
  /** OpenC2 status; 200 also when only the transfer said that the command was taken. */
  readonly status: number;
  readonly text: string;
  readonly response?: Response;
}

const clock = { nowMs: Date.now };

export async function sendOverHttps(command: Command, { url, tls, habits, name, to, waitMs, say }: Sending): Promise<readonly Heard[]> {
  const producer = new HttpsProducer({ name, ...(tls && { tls }), timeoutMs: waitMs, clock });
  try {
    const outcome = await producer.send(command, { url, habits, ...(to !== undefined && { name: to }) });
    const heard = heardOf(outcome);
    say(heard);
    return [heard];
  } finally {
    producer.close();
  }
}

export async function sendThroughBroker(command: Command, sending: Sending): Promise<readonly Heard[]> {
  const { url, tls, name, recipients = { kind: "all" }, serialisation, waitMs, say } = sending;
  const heard: Heard[] = [];
  const hear = (one: Heard) => {
    heard.push(one);
    say(one);
  };
  const isOver = Promise.withResolvers<void>();
  const early: MqttAnswer[] = [];
  let requestId: string | undefined;
  const onAnswer = (answer: MqttAnswer) => {
    if (requestId === undefined) early.push(answer);
    if (requestId === undefined || answer.requestId !== requestId) return;
    hear(answered(answer.response, answer.from));
    // One consumer answers once; of several nobody knows how many there are.
    if (recipients.kind === "device") isOver.resolve();
  };
  const log = pino({ level: "error" }, pino.destination({ dest: 2, sync: true }));
  const producer = new MqttProducer({
    url,
    clientId: makeClientId(),
    ...(tls && { tls }),
    name,
    clock,
    random: Math.random,
    log,
    onAnswer,
  });
  await producer.start();
  const timer = setTimeout(isOver.resolve, waitMs);
  try {
    const sent = await producer.send(recipients, command, { serialisation });
    hear({ status: 200, text: sent.taken === "held" ? "the broker took it" : "the broker took it, but nobody has subscribed" });
    if (sent.requestId === undefined || sent.taken === "unheld") return heard;
    requestId = sent.requestId;
    for (const answer of early) onAnswer(answer);
    await isOver.promise;
    return heard;
  } finally {
    clearTimeout(timer);
    await producer.stop();
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

function answered(response: Response, from?: string): Heard {
  const { status, status_text: text = "" } = response;
  return { status, text: `${from === undefined ? "" : `${from}: `}${status} ${text}`.trimEnd(), response };
}
