/**
 * `nice npm run mutate`: breaks the code on purpose, one small change at a time, and says which changes no test notices. In a copy of the
 * project, on one core; it can be cut off and takes up where it was.
 * Exit 1 when a mutant survives without a reason in harmless.ts.
 */
import { readFileSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Option } from "commander";
import { program, whole } from "../../lab/program.ts";
import { HARMLESS, reasonOf } from "./harmless.ts";
import { Judge } from "./judge.ts";
import { type Mutant, mutantsOf } from "./mutants.ts";
import { type Judged, listedIds, MUTANTS_PAGE, mutantsPage, scoreOf, scoresOf } from "./page.ts";
import { digest, Results } from "./results.ts";
import { ROOMS, type Room, sourcesOf, testsOf } from "./rooms.ts";
import { Tree } from "./tree.ts";

interface Options {
  readonly room?: string;
  readonly file: string;
  readonly sample?: number;
  readonly seed: number;
  readonly json: boolean;
  readonly page: boolean;
  readonly check: boolean;
}

const root = join(import.meta.dir, "../..");
const options = program("mutate", "Breaks the code on purpose, one small change at a time, and says which changes no test notices.")
  .addOption(new Option("--room <name>", "this one only (default: all)").choices(Object.keys(ROOMS)))
  .option("--file <part>", "only files with this in their paths", "")
  .option("--sample <count>", "only so many of each room (default: all)", whole())
  .option("--seed <number>", "same seed, same sample", whole(0), 1)
  .option("--json", "print one JSON object", false)
  .option("--page", "write docs/security/mutants.md; for all rooms", false)
  .option("--check", "break nothing: are all listed mutants still there?", false)
  .parse()
  .opts<Options>();
process.exitCode = options.check ? check() : await run();

async function run(): Promise<number> {
  const date = new Date().toISOString().slice(0, 10);
  const cache = join(tmpdir(), `edict-mutate-${digest(root)}`);
  const tree = new Tree(root, join(cache, "tree"));
  const results = new Results(join(cache, "results.jsonl"));
  const judged: Judged[] = [];
  for (const room of chosenRooms()) {
    const judge = new Judge(tree, results);
    await judge.prepare(root, testsOf(room, root));
    for (const mutant of chosenOf(room)) {
      const status = await judge.judge(mutant);
      judged.push({ mutant, status });
      if (status === "survived" && !options.json) console.log(said(mutant));
    }
  }
  const open = judged.filter(({ mutant, status }) => status === "survived" && reasonOf(mutant.id) === undefined).length;
  const total = scoreOf("all", judged);
  if (options.page) writeFileSync(MUTANTS_PAGE, mutantsPage(judged, date));
  if (options.json) console.log(JSON.stringify({ date, bun: Bun.version, files: scoresOf(judged), total, open, ok: open === 0 }));
  else {
    for (const { file, mutants, survived, score } of [...scoresOf(judged), total])
      console.log(`${file}: ${score} % of ${mutants}, ${survived} survive`);
    console.log(`${open} of them without a reason`);
  }
  return open === 0 ? 0 : 1;
}

/** A listed mutant that is no more hides nothing, but its reason may have gone with it. */
function check(): number {
  const all = new Set(Object.values(ROOMS).flatMap((room) => mutantsIn(room).map(({ id }) => id)));
  const listed = new Set([...listedIds(readFileSync(MUTANTS_PAGE, "utf8")), ...HARMLESS.flatMap(({ mutants }) => mutants)]);
  const gone = [...listed].filter((id) => !all.has(id));
  for (const id of gone) console.log(`${id} is listed, and there is no such mutant any more: npm run mutate -- --page`);
  console.log(`${listed.size} mutants are listed, ${gone.length} of them are gone`);
  return gone.length === 0 ? 0 : 1;
}

function chosenRooms(): readonly Room[] {
  return Object.entries(ROOMS).flatMap(([name, room]) => (options.room === undefined || options.room === name ? [room] : []));
}

function chosenOf(room: Room): readonly Mutant[] {
  const mutants = mutantsIn(room).filter(({ file }) => file.includes(options.file));
  if (options.sample === undefined) return mutants;
  const rank = ({ id }: Mutant) => digest(`${options.seed}/${id}`);
  return mutants.toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1)).slice(0, options.sample);
}

function mutantsIn(room: Room): readonly Mutant[] {
  return sourcesOf(room, root).flatMap((file) => mutantsOf(file, readFileSync(join(root, file), "utf8")));
}

function said({ id, file, line, was, now }: Mutant): string {
  const short = (text: string) => text.replaceAll(/\s+/g, " ").slice(0, 160);
  return `${id} ${file}:${line}  ${short(was)}  =>  ${short(now) || "nothing"}${reasonOf(id) === undefined ? "" : "  (has a reason)"}`;
}
