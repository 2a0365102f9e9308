/**
 * `npm start -- --bad-patch`: nobody knows it yet, but webcams do not start with the new firmware. The canary finds it out by not coming
 * back, and the campaign halts by itself. The story ends well if nobody but the canary was touched and the report names the dead.
 */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { DeviceRow } from "../../src/after-action/index.ts";
import { devicesText } from "../../src/after-action/wording.ts";
import type { DeviceState } from "../../src/agent/state.ts";
import type { CampaignView } from "../../src/server/api/views.ts";
import { takingPart } from "./canary.ts";
import type { Field } from "./field.ts";
import { MISFITS, type Misfit } from "./misfits.ts";
import type { Outcome } from "./outcome.ts";
import { seededRandom } from "./random.ts";
import { type Judged, Story } from "./story.ts";
import { makeFleet } from "./webcams.ts";

/** As in the good story, but for one: who was away for three seconds counts as lost. A webcam starts in less here. */
const LADDER = { soakMs: 500, settleMaxMs: 20_000, settledShare: 0.97, lostAfterMs: 3_000 };

/** Every thirtieth has a watchdog that starts the old firmware again; the others are dead. */
const ROLLS_BACK_EVERY = 30;

export class BadPatchStory extends Story {
  override async tell(): Promise<Outcome> {
    const { devices, seed } = this.options;
    const startedMs = performance.now();
    this.teller.line(`Edict: a patch that kills, ${devices} webcams, seed ${seed}.`);
    const fleet = makeFleet(devices, seededRandom(seed));
    const { command } = this.readUseCase();
    const { canary, others } = takingPart(fleet, command.command_id);
    const fates = [...canary, ...others].map((id, index): Misfit => ({ id, kind: index % ROLLS_BACK_EVERY === 0 ? "unhealthy" : "gone" }));

    const field = await this.makeField(fleet, fates);
    await this.connect(field, fleet);
    const { id } = await this.draft(field, command, LADDER);
    await this.approve(field, id);
    await this.watch(field, id);
    const view = await field.client().campaign(id);
    this.teller.chapter("It has halted by itself");
    this.teller.line(`   ${view.reason ?? "It gives no reason."}`);
    const canaryFates = fates.slice(0, canary.length);
    const judged = await this.#afterAction(field, id, canaryFates);
    const wrong = [...halting(view, canary.length), ...misjudged(judged.rows, canaryFates), ...touched(field, canary)];
    const html = await this.showReport(field, judged.report);
    return this.#conclude(judged, wrong, html, performance.now() - startedMs);
  }

  /** Nobody is asked: the dead cannot answer, and the others were never sent anything. */
  async #afterAction(field: Field, id: string, canary: readonly Misfit[]): Promise<Judged> {
    this.teller.chapter("After-action: who did not come back");
    let judged = await this.read(field, id);
    // A device that is away is called dead only when it has had its time to return.
    await field
      .until(async () => {
        judged = await this.read(field, id);
        return misjudged(judged.rows, canary).length === 0;
      }, 30_000)
      .catch(() => undefined);
    return judged;
  }

  #conclude({ report, rows }: Judged, wrong: readonly string[], html: string, elapsedMs: number): Outcome {
    this.teller.chapter("Was it so?");
    const outcome = this.outcome({ report, rows, wrong, html, elapsedMs });
    const untouched = report.targeted - report.sent.devices;
    this.teller.line(`   ${devicesText(outcome.unreachable.length)} dead, each named in the report; ${untouched} untouched.`);
    for (const sentence of wrong.slice(0, 20)) this.teller.line(`   WRONG: ${sentence}`);
    this.teller.line(`\n   Report: ${html}`);
    this.teller.line(`   ${outcome.ok ? "All of it held" : "It did NOT hold"}: ${(elapsedMs / 1_000).toFixed(1)} s.`);
    return outcome;
  }
}

/** It halted in its canary, and says why with figures. */
function halting({ state, reason = "", wave, progress }: CampaignView, canaryCount: number): readonly string[] {
  const wrong: string[] = [];
  if (state !== "halted") wrong.push(`the campaign is ${state}, not halted`);
  if (wave !== 0 || progress.sent > canaryCount)
    wrong.push(`wave ${wave} was ordered and ${progress.sent} were sent to; the canary has ${canaryCount}`);
  if (!/\d+ of \d+/.test(reason)) wrong.push(`the reason has no figures: "${reason}"`);
  return wrong;
}

/** The canary's dead and those that rolled back are called so, and nobody else is. */
function misjudged(rows: readonly DeviceRow[], canary: readonly Misfit[]): readonly string[] {
  const expected = new Map(canary.map(({ id, kind }) => [id, MISFITS[kind].verdict]));
  return rows.flatMap(({ id, verdict, because }) => {
    const should = expected.get(id) ?? "unknown";
    return verdict === should ? [] : [`${id} is ${verdict}, but should be ${should}: ${because}`];
  });
}

/** What lies on the others' disks: they were started once, by the story. */
function touched({ specs }: Field, canary: readonly string[]): readonly string[] {
  const spared = new Set(canary);
  return specs.flatMap(({ id, directory }) => {
    const { boot, lastUpdate } = JSON.parse(readFileSync(join(directory, "state.json"), "utf8")) as DeviceState;
    return spared.has(id) || (boot === 1 && lastUpdate === undefined) ? [] : [`${id} is no canary, and was started ${boot} times`];
  });
}
