/**
 * `npm run scenarios`: plays every story in `stories/`, or those whose names hold the words given, and holds what is told against its
 * golden text. `--write` renews these.
 */
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { program } from "../program.ts";
import { narrate } from "./narrate.ts";
import { goldenOf, STORIES, storyOf } from "./stories.ts";

const command = program("scenarios", "Plays the stories and holds what is told against their golden texts.")
  .argument("[words...]", "only those whose names hold all of these; they are told in full")
  .option("--write", "renew the golden texts", false)
  .parse();
const { write } = command.opts<{ write: boolean }>();
const chosen = STORIES.filter((name) => command.args.every((part) => name.includes(part)));
if (chosen.length === 0) command.error(`error: no story has ${command.args.join(" and ")} in its name`);
for (const file of chosen) {
  const told = await narrate(storyOf(file));
  const golden = goldenOf(file);
  if (write) writeFileSync(golden, told);
  const isSame = existsSync(golden) && readFileSync(golden, "utf8") === told;
  const isKept = !/NOT AS EXPECTED|A RULE IS BROKEN/.test(told);
  console.log(
    `${isSame && isKept ? "ok  " : "FAIL"} ${file}${isSame ? "" : ": it is told otherwise now (--write renews the golden text)"}`,
  );
  if (!isSame || !isKept || command.args.length > 0) console.log(told);
  if (!isSame || !isKept) process.exitCode = 1;
}
