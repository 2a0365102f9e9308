/**
 * `npm run bench:openc2`: how fast OpenC2 is read with full validation, and read and written again, per second of CPU (all threads
 * counted). Each is measured in turn with what the runtime does natively to the same bytes without any checks: decode and JSON.parse,
 * and for the round trip JSON.stringify and encode. What counts are the ratios of one run.
 */
import { encodeMessage, parseMessage } from "../../src/openc2/index.ts";
import { whole } from "../program.ts";
import { TEXTS } from "./openc2-texts.ts";
import { benchProgram } from "./support/bench-program.ts";
import { machine } from "./support/machine.ts";
import { median, round } from "./support/statistics.ts";

/** Operations between two looks at the clock: some ten milliseconds. */
const BATCH = 10_000;
const WARM_BATCHES = 5;

/** Given figures, per second on one core, recorded on another machine: what other implementations do with these commands. */
const ELSEWHERE = {
  "mdf.js (Node, shallow checks)": { query: { parse: 709_000, roundTrip: 363_000 }, deny: { parse: 609_000, roundTrip: 349_000 } },
  "otupy (Python)": { query: { parse: 14_000, roundTrip: 8_000 }, deny: { parse: 13_000, roundTrip: 7_500 } },
  "Yuuki (Python)": { query: { parse: 29_000 }, deny: { parse: 14_000 } },
} as const;

type Run = () => unknown;

interface Figures {
  readonly text: string;
  readonly bytes: number;
  /** Per CPU second. */
  readonly parse: number;
  readonly roundTrip: number;
  readonly nativeParse: number;
  readonly nativeRoundTrip: number;
  readonly parseRatio: number;
  readonly roundTripRatio: number;
  /** The ratios are not below what they have been by more than noise. */
  readonly ok: boolean;
}

const { rounds, json } = benchProgram("openc2", "How fast OpenC2 is read with full validation, and read and written again.")
  .option("--rounds <count>", "rounds of each kind", whole(), 15)
  .parse()
  .opts<{ rounds: number; json: boolean }>();
const before = machine();
const figures = TEXTS.map((text) => measure(text, rounds));
const result = {
  bench: "openc2",
  machine: before,
  unit: "per CPU second",
  figures,
  elsewhere: ELSEWHERE,
  ok: figures.every(({ ok }) => ok),
};
if (json) console.log(JSON.stringify(result));
else printTable();
process.exitCode = result.ok ? 0 : 1;

function measure({ name, text, dialect, least }: (typeof TEXTS)[number], rounds: number): Figures {
  const bytes = new TextEncoder().encode(text);
  const decoder = new TextDecoder("utf-8", { fatal: true });
  const encoder = new TextEncoder();
  const runs = {
    nativeParse: () => JSON.parse(decoder.decode(bytes)),
    parse: () => parseMessage(bytes, { dialect }),
    nativeRoundTrip: () => encoder.encode(JSON.stringify(JSON.parse(decoder.decode(bytes)))),
    roundTrip: () => encodeMessage(parseMessage(bytes, { dialect }), dialect),
  } satisfies Record<string, Run>;
  const rates = ratesOf(runs, rounds);
  const ratio = (of: keyof typeof runs, over: keyof typeof runs) =>
    round(median(rates[of].map((rate, at) => rate / (rates[over][at] ?? Number.NaN))), 3);
  const parseRatio = ratio("parse", "nativeParse");
  const roundTripRatio = ratio("roundTrip", "nativeRoundTrip");
  return {
    text: name,
    bytes: bytes.length,
    parse: Math.round(median(rates.parse)),
    roundTrip: Math.round(median(rates.roundTrip)),
    nativeParse: Math.round(median(rates.nativeParse)),
    nativeRoundTrip: Math.round(median(rates.nativeRoundTrip)),
    parseRatio,
    roundTripRatio,
    ok: parseRatio >= least.parse && roundTripRatio >= least.roundTrip,
  };
}

/** Operations per CPU second, round by round, the runs of a round one after the other. */
function ratesOf<Name extends string>(runs: Readonly<Record<Name, Run>>, rounds: number): Record<Name, number[]> {
  const names = Object.keys(runs) as Name[];
  for (const name of names) for (let batch = 0; batch < WARM_BATCHES; batch += 1) rateOf(runs[name]);
  const rates = Object.fromEntries(names.map((name) => [name, [] as number[]])) as Record<Name, number[]>;
  for (let at = 0; at < rounds; at += 1) for (const name of names) rates[name].push(rateOf(runs[name]));
  return rates;
}

function rateOf(run: Run): number {
  const { user, system } = process.cpuUsage();
  for (let count = 0; count < BATCH; count += 1) run();
  const spent = process.cpuUsage({ user, system });
  return (BATCH / (spent.user + spent.system)) * 1e6;
}

function printTable(): void {
  console.log(
    `${before.date}, ${before.cpu}, Bun ${before.bun}, load before ${before.loadBefore}; per CPU second, median of ${rounds} rounds`,
  );
  console.table(
    Object.fromEntries(
      figures.map(({ text, bytes, parse, parseRatio, roundTrip, roundTripRatio, nativeParse }) => [
        text,
        { bytes, parse, "of JSON.parse": parseRatio, "round trip": roundTrip, "of native": roundTripRatio, "JSON.parse": nativeParse },
      ]),
    ),
  );
  console.log("recorded elsewhere, on another machine:");
  for (const [name, { query, deny }] of Object.entries(ELSEWHERE))
    console.log(`  ${name}: query ${JSON.stringify(query)}, deny ${JSON.stringify(deny)}`);
}
