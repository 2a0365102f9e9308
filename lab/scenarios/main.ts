/**
 * `npm run scenarios`: plays every story in `stories/`, or those whose names hold the words given, and holds what is told against its
 * golden text. `--write` renews these.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { narrate } from "./narrate.ts";
import { goldenOf, STORIES, storyOf } from "./stories.ts";

const { values, positionals } = parseArgs({ options: { write: { type: "boolean", default: false } }, allowPositionals: true });
for (const file of STORIES.filter((name) => positionals.every((part) => name.includes(part)))) {
  const told = await narrate(storyOf(file));
  const golden = goldenOf(file);
  if (values.write) writeFileSync(golden, told);
  const isSame = existsSync(golden) && readFileSync(golden, "utf8") === told;
  const isKept = !/NOT AS EXPECTED|A RULE IS BROKEN/.test(told);
  console.log(
    `${isSame && isKept ? "ok  " : "FAIL"} ${file}${isSame ? "" : ": it is told otherwise now (--write renews the golden text)"}`,
  );
  if (!isSame || !isKept || positionals.length > 0) console.log(told);
  if (!isSame || !isKept) process.exitCode = 1;
}
