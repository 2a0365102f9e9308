/**
 * What the campaign room promises at a million devices: a patch that bricks a hundredth of a model is halted before a hundredth of it was
 * commanded, one that bricks all before a thousandth, and a healthy emergency campaign is through its ladder in ten minutes.
 */
import { MODEL } from "./catalogue.ts";
import { emergency } from "./settings.ts";
import { World } from "./world.ts";

export interface Result {
  readonly what: string;
  readonly figure: string;
  readonly ok: boolean;
}

export async function accept(devices: number): Promise<readonly Result[]> {
  return [
    await badPatch("a patch that bricks 1 % of a model", { devices, harmed: 0.01, commandedMax: 0.01 }),
    await badPatch("a patch that bricks all of a model", { devices, harmed: 1, commandedMax: 0.001 }),
    await healthy(devices),
  ];
}

async function badPatch(
  what: string,
  { devices, harmed, commandedMax }: { readonly devices: number; readonly harmed: number; readonly commandedMax: number },
): Promise<Result> {
  const { campaign, truth } = await (await World.make(emergency(1, devices, { harm: "bricks", share: harmed }))).run();
  const commanded = truth.reachedBy(campaign.id).size;
  const share = commanded / campaign.targeted;
  const figure = `${campaign.state} after ${commanded} of ${campaign.targeted} ${MODEL} were commanded (${percent(share)}; at most ${percent(commandedMax)}), ${truth.countOf("bricked")} bricked${campaign.reason === undefined ? "" : `: ${campaign.reason}`}`;
  return { what, figure, ok: campaign.state === "halted" && share < commandedMax };
}

async function healthy(devices: number): Promise<Result> {
  let doneMs: number | undefined;
  const world = await World.make(emergency(1, devices, { harm: "none", share: 0 }), {
    onTick: ({ campaign, time, beginMs }) => {
      if (campaign.state === "done") doneMs ??= time.nowMs() - beginMs;
    },
  });
  const { campaign, truth } = await world.run();
  const took = doneMs === undefined ? "never done" : `done after ${(doneMs / 60_000).toFixed(1)} simulated minutes`;
  const figure = `${campaign.state}, ${took} (at most 10), ${truth.countOf("updated")} of ${campaign.targeted} updated`;
  return { what: "an emergency campaign to healthy devices", figure, ok: doneMs !== undefined && doneMs < 600_000 };
}

function percent(share: number): string {
  return `${Number((share * 100).toFixed(3))} %`;
}
