/** A consumer port that tells every message that comes in and every answer that goes out, and changes neither. */
import type { Answer, ConsumerPort, Delivery } from "../../openc2/consumer/index.ts";
import { readValue, type Serialisation, serialisationOf } from "../../openc2/index.ts";
import { nameOfForm, printable, summaryOf } from "./describe.ts";
import { judge } from "./verdict.ts";

export function toldConsumer(inner: ConsumerPort, say: (text: string) => void): ConsumerPort {
  return {
    async receive(delivery) {
      say(`from ${printable(delivery.peer)}: ${headline(delivery)}\n${indented(delivery.bytes, delivery.serialisation)}`);
      const answer = await inner.receive(delivery);
      say(`to ${printable(delivery.peer)}: ${outcome(answer)}`);
      return answer;
    },
  };
}

function headline({ bytes }: Delivery): string {
  const { message, dialect, serialisation, faults } = judge(bytes, { dialect: "any", profiles: "any", tolerate: false });
  const what = message === undefined ? `${faults[0]?.code} ${printable(faults[0]?.message ?? "")}` : summaryOf(message);
  return `${what} [${nameOfForm(dialect, serialisation)}]`;
}

function outcome(answer: Answer): string {
  if (answer.kind === "silence") return `nothing (${answer.status})`;
  return `${answer.status}\n${indented(answer.bytes, serialisationOf(answer.bytes))}`;
}

/** What cannot be read is shown as it came, in characters that harm no terminal. */
function indented(bytes: Uint8Array, serialisation: Serialisation): string {
  return `    ${printable(textOf(bytes, serialisation)).replaceAll("\n", "\n    ")}`;
}

function textOf(bytes: Uint8Array, serialisation: Serialisation): string {
  try {
    return JSON.stringify(readValue(bytes, serialisation), null, 2);
  } catch {
    return new TextDecoder().decode(bytes);
  }
}
