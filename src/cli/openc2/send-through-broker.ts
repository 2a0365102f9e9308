/** One command through a broker, to one or to many consumers. */
import { type Habits, makeClientId, type MqttAnswer, MqttProducer, type Recipients } from "../../channel/mqtt/index.ts";
import { ChannelError } from "../../channel/errors.ts";
import type { Command, Peer, Serialisation } from "../../openc2/index.ts";
import { answered, type Heard } from "./heard.ts";
import { lineLog } from "./line-log.ts";
import type { TlsPems } from "./tls-files.ts";

export interface BrokerSending {
  readonly url: string;
  readonly tls?: TlsPems;
  readonly habits: Habits;
  readonly language: Peer;
  /** Own name. */
  readonly from: string;
  readonly recipients: Recipients;
  readonly serialisation: Serialisation;
  /** Of one consumer one answer is awaited, of many whatever comes within this time. */
  readonly waitMs: number;
  /** Called as it is heard. */
  readonly hear: (heard: Heard) => void;
}

/** Throws ERR_CHANNEL_UNREACHABLE when an answer is wanted and none comes, and what the transfer throws. */
export async function sendThroughBroker(command: Command, sending: BrokerSending): Promise<void> {
  const { url, tls, habits, language, from, recipients, serialisation, waitMs, hear } = sending;
  const enough = Promise.withResolvers<void>();
  // An answer may be quicker than the broker's word, and until that is here its id is not known.
  const id = Promise.withResolvers<string | undefined>();
  let isAnswered = false;
  const onAnswer = async (answer: MqttAnswer) => {
    if (answer.requestId !== (await id.promise)) return;
    isAnswered = true;
    hear(answered(answer.response, answer.from));
    if (recipients.kind === "device") enough.resolve();
  };
  const about = { url, clientId: makeClientId(), name: from, habits, ...(tls && { tls }) };
  const around = { clock: { nowMs: Date.now }, random: Math.random, log: lineLog(() => {}) };
  const producer = new MqttProducer({ ...about, ...around, onAnswer: (answer) => void onAnswer(answer) });
  await producer.start();
  const timer = setTimeout(enough.resolve, waitMs);
  try {
    const { taken, requestId } = await producer.send(recipients, command, { serialisation, peer: language });
    hear({ status: 200, text: taken === "held" ? "the broker took it" : "the broker took it, but nobody has subscribed" });
    id.resolve(requestId);
    if (requestId === undefined || taken === "unheld") return;
    await enough.promise;
    if (!isAnswered) throw new ChannelError("ERR_CHANNEL_UNREACHABLE", `nobody answered within ${waitMs} ms`);
  } finally {
    clearTimeout(timer);
    await producer.stop();
  }
}
