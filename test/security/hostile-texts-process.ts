/** Reads hostile texts in a process of its own, so that its memory is its own, and prints what they cost. */
import { whyBroken } from "../../lab/fuzz/fuzz.ts";
import { attempt } from "../../lab/fuzz/target.ts";
import { parseMessage } from "../../src/openc2/index.ts";

const [rounds = "0"] = process.argv.slice(2);
/** As long as a message may be, and longer. */
const BYTES = 16 * 1024;
const fill = (unit: string, bytes = BYTES) => unit.repeat(Math.floor(bytes / unit.length));

const TEXTS = [
  fill("["),
  fill('{"a":'),
  `{"headers":{},"body":{"openc2":{"request":{"action":"query","target":{"features":[${fill('"x",', BYTES - 200)}"x"]}}}}}`,
  `{${Array.from({ length: 1_000 }, (_, index) => `"m${index}":0`).join(",")}}`,
  `{${fill('"a":1,')}"a":1}`,
  `"${fill("\\u0041")}"`,
  `"${fill("\\ud800")}"`,
  fill("9"),
  `1e${fill("9")}`,
  fill(" "),
  fill("[1,", BYTES * 64),
  `{"action":"${fill("a", BYTES - 100)}","target":{"features":[]}}`,
].map((text) => new TextEncoder().encode(text));

const run = (bytes: Uint8Array) => void attempt(() => parseMessage(bytes));
let refused = 0;
const broken = new Set<string>();
const round = () => {
  for (const text of TEXTS) {
    const why = whyBroken({ name: "message", corpus: [], run }, text);
    if (why !== undefined) broken.add(why);
    if (attempt(() => parseMessage(text)) === undefined) refused += 1;
  }
};

// The runtime takes its own memory first.
for (let warmUp = 0; warmUp < 200; warmUp += 1) round();
Bun.gc(true);
refused = 0;
const before = process.memoryUsage.rss();
let peak = before;
for (let number = 0; number < Number(rounds); number += 1) {
  round();
  if (number % 10 === 0) peak = Math.max(peak, process.memoryUsage.rss());
}
process.stdout.write(JSON.stringify({ read: TEXTS.length * Number(rounds), refused, broken: [...broken], grewBytes: peak - before }));
