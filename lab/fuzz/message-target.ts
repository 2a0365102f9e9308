/** Messages: only OpenC2Error is thrown, its faults are few and have a place, and what is read is what would be sent, in every dialect. */
import { DIALECTS, type Dialect, encodeMessage, MENDABLE, OpenC2Error, parseMessage, type ReadMessage } from "../../src/openc2/index.ts";
import { FAULTS_MAX } from "../../src/openc2/limits.ts";
import { attempt, hold, type Target } from "./target.ts";

export function messageTargets(corpus: readonly Uint8Array[]): readonly Target[] {
  const spoken = [...DIALECTS, "any"] as const;
  return spoken.map((dialect) => ({ name: `message-${dialect}`, corpus, run: (bytes) => checkMessage(bytes, dialect) }));
}

function checkMessage(bytes: Uint8Array, dialect: Dialect | "any"): void {
  checkFaults(() => parseMessage(bytes, { dialect }));
  const strict = attempt(() => parseMessage(bytes, { dialect }));
  const mended = attempt(() => parseMessage(bytes, { dialect, tolerate: MENDABLE }));
  hold(strict === undefined || mended !== undefined, "who tolerates more reads more");
  if (strict !== undefined) for (const other of DIALECTS) checkRoundTrip(strict, other);
  if (mended !== undefined) checkRoundTrip(mended, mended.dialect);
}

function checkFaults(read: () => unknown): void {
  try {
    read();
  } catch (error) {
    if (!(error instanceof OpenC2Error)) throw error;
    hold(error.all[0] === error && error.all.length <= FAULTS_MAX, "an error is the first of its faults, and they are few");
    hold(
      error.all.every((fault) => fault.path !== undefined || fault.line !== undefined),
      "every fault has a place",
    );
    hold(
      error.all.every(({ message }) => /^[\x20-\x7e]{1,400}$/.test(message)),
      "no message of an error can act on a terminal or fill a log",
    );
  }
}

/** Written and read again it is the same, and writing that gives the same bytes. Not all that is read may be sent. */
function checkRoundTrip(message: ReadMessage, dialect: Dialect): void {
  const bytes = attempt(() => encodeMessage(message, dialect));
  if (bytes === undefined) return;
  const again = parseMessage(bytes, { dialect });
  hold(again.tolerances.length === 0, "nothing is sent that needs to be tolerated");
  hold(Buffer.compare(encodeMessage(again, dialect), bytes) === 0, "one message has one text");
  hold(
    attempt(() => parseMessage(bytes, { dialect: "any" }))?.kind === message.kind,
    "what is sent is understood without knowing the dialect",
  );
}
