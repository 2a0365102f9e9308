/** docs/security/mutants.md: the score of each file, and every mutant that survives with the reason why it may. */
import { join } from "node:path";
import { reasonOf } from "./harmless.ts";
import type { Mutant } from "./mutants.ts";
import type { Status } from "./results.ts";

export interface Judged {
  readonly mutant: Mutant;
  readonly status: Status;
}

export interface Score {
  readonly file: string;
  readonly mutants: number;
  readonly killed: number;
  readonly stuck: number;
  readonly survived: number;
  /** Percent that a test noticed. */
  readonly score: number;
}

export const MUTANTS_PAGE = join(import.meta.dir, "../../docs/security/mutants.md");

export function scoresOf(judged: readonly Judged[]): readonly Score[] {
  const files = [...Map.groupBy(judged, ({ mutant }) => mutant.file)];
  return files.map(([file, all]) => scoreOf(file, all));
}

export function scoreOf(file: string, all: readonly Judged[]): Score {
  const count = (wanted: Status) => all.filter(({ status }) => status === wanted).length;
  const [killed, stuck, survived] = [count("killed"), count("stuck"), count("survived")];
  const score = Number(((100 * (killed + stuck)) / Math.max(1, all.length)).toFixed(1));
  return { file, mutants: all.length, killed, stuck, survived, score };
}

export function mutantsPage(judged: readonly Judged[], date: string): string {
  const row = ({ file, mutants, killed, stuck, survived, score }: Score) =>
    `| ${file} | ${mutants} | ${killed} | ${stuck} | ${survived} | ${score} % |`;
  const survivors = judged.filter(({ status }) => status === "survived").map(({ mutant }) => mutant);
  const groups = Map.groupBy(survivors, ({ id }) => reasonOf(id) ?? "Not judged yet.");
  return [
    "# Code that is broken on purpose",
    "",
    `Made by \`npm run mutate -- --page\` on ${date}. Each mutant is one small change of the source: a condition that is always or never so,`,
    "a boundary or a number off by one, a statement, a list element or a call left out. The tests of the room itself that reach it have to",
    "fail. Where they do not, the mutant survives, and stands below with the reason why it may.",
    "",
    "| file | mutants | noticed | endless | survive | score |",
    "|---|---|---|---|---|---|",
    ...scoresOf(judged).map((score) => row({ ...score, file: `\`${score.file}\`` })),
    row(scoreOf("**all**", judged)),
    "",
    "## Those that survive",
    "",
    ...[...groups].flatMap(([why, mutants]) => [
      why,
      "",
      "| id | file | was | becomes |",
      "|---|---|---|---|",
      ...mutants.map(({ id, file, was, now }) => `| ${id} | \`${file.replace(/^src\//, "")}\` | ${code(was)} | ${code(now)} |`),
      "",
    ]),
  ].join("\n");
}

/** Ids that a page lists. */
export function listedIds(page: string): readonly string[] {
  return [...page.matchAll(/^\| ([0-9a-f]{8}) \|/gm)].map(([, id = ""]) => id);
}

function code(text: string): string {
  const line = text.replaceAll(/\s+/g, " ").replaceAll("|", "\\|");
  return line === "" ? "nothing" : `\`\`${line.length > 110 ? `${line.slice(0, 107)}...` : line}\`\``;
}
