/**
 * `npm run attack`: every abuse case and every attack of TUF and Uptane, really made against a platform of real processes and told in a few
 * lines each: who attacks with what, what stopped it, what it would have cost. Exit status 0 only if all of it held.
 */
import { mkdtempSync, rmSync } from "node:fs";
import { cpus, tmpdir } from "node:os";
import { join } from "node:path";
import { program } from "../program.ts";
import { Scene } from "../drills/scene.ts";
import { Teller } from "../story/teller.ts";
import type { Attack, Blow } from "./attack.ts";
import { byTests } from "./by-tests.ts";
import { ATTACKS, isMeant } from "./catalogue.ts";
import { Stage } from "./stage.ts";

const options = program("attack", "Attacks the whole platform, case by case, and says what stopped each.")
  .option("--only <case...>", "these only: 3, 8 (all fourteen), 8-rollback, keys", [])
  .option("--list", "say which there are", false)
  .option("--live", "without what `npm test` makes anyway", false)
  .option("--json", "print one JSON object on standard output; the narration goes to standard error", false)
  .parse()
  .opts<{ only: string[]; list: boolean; live: boolean; json: boolean }>();
const chosen = ATTACKS.filter((attack) => isMeant(attack, options.only) && (attack.run !== undefined || !options.live));

if (options.list || chosen.length === 0) {
  for (const { id, title } of ATTACKS) console.log(`${id.padEnd(26)} ${title}`);
  process.exit(options.list ? 0 : 2);
}

interface Told {
  readonly id: string;
  readonly title: string;
  readonly seconds: number;
  readonly held: boolean;
  readonly blows: readonly Blow[];
}

const teller = new Teller(options.json);
const directory = mkdtempSync(join(tmpdir(), "edict-attack-"));
const scene = new Scene(directory, teller);
const startedMs = performance.now();
const told: Told[] = [];
let stage: Stage | undefined;
let broke: string | undefined;
for (const signal of ["SIGINT", "SIGTERM"] as const) process.once(signal, () => void end().then(() => process.exit(130)));

try {
  stage = await Stage.set(scene);
  for (const attack of chosen) told.push(await tell(attack, stage));
} catch (error) {
  broke = error instanceof Error ? (error.stack ?? error.message) : String(error);
  teller.line(`\nThe run broke off: ${broke}`);
} finally {
  await end();
}

const ok = broke === undefined && told.every(({ held }) => held);
const blows = told.flatMap((attack) => attack.blows);
const seconds = secondsSince(startedMs);
teller.line(
  `\n${ok ? "All of it held" : "It did NOT hold"}: ${told.length} attacks, ${blows.filter(({ held }) => held).length} of ${blows.length} blows stopped, ${seconds} s.`,
);
if (options.json) {
  const machine = { cpu: cpus()[0]?.model, cores: cpus().length };
  console.log(JSON.stringify({ ok, date: new Date().toISOString(), machine, seconds, attacks: told, ...(broke && { broke }) }, null, 2));
}
process.exit(ok ? 0 : 1);

async function tell(attack: Attack, on: Stage): Promise<Told> {
  const { id, title, who, cost, run, tests = [] } = attack;
  const beganMs = performance.now();
  teller.line(`\n${id}  ${title}`);
  teller.line(`   ${who}`);
  const dealt = [...((await run?.(on)) ?? [])];
  if (!options.live) for (const named of tests) dealt.push(...(await byTests(named)));
  for (const { what, stoppedBy, held } of dealt) teller.line(`   ${held ? "held" : "DID NOT HOLD"}: ${what} (${stoppedBy})`);
  teller.line(`   Otherwise: ${cost}`);
  return { id, title, seconds: secondsSince(beganMs), held: dealt.length > 0 && dealt.every(({ held }) => held), blows: dealt };
}

function secondsSince(ms: number): number {
  return Math.round((performance.now() - ms) / 100) / 10;
}

/** Whatever happened, no process and no file is left. */
async function end(): Promise<void> {
  await (stage ?? scene).end();
  rmSync(directory, { recursive: true, force: true });
}
