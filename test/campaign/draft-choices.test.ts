/** What an operator may choose and need not: it stands in the draft or the ladder when it was chosen, and nothing does otherwise. */
import { expect, test } from "bun:test";
import { defaultLadder } from "../../src/campaign/wave-order.ts";
import { draftOf } from "./people.ts";

test("a campaign that begins after another says after which", async () => {
  expect((await draftOf(20, { after: "wc16" })).campaign.after).toBe("wc16");
  expect((await draftOf(20)).campaign).not.toHaveProperty("after");
});

test("a step of a playbook says of which, and an update how new its release is", async () => {
  const { campaign } = await draftOf(20, { playbook: "webcams-2018", releaseCounter: 7 });
  expect(campaign).toMatchObject({ playbook: "webcams-2018", releaseCounter: 7 });
  expect((await draftOf(20)).campaign).not.toHaveProperty("playbook");
});

test("a ladder has the caps that were chosen", () => {
  const names = ["regionCountMax", "hardwareCountMax"] as const;
  for (const name of names) expect(defaultLadder(1_000)).not.toHaveProperty(name);
  for (const name of names) {
    const ladder = defaultLadder(1_000, { [name]: 7 });
    expect(names.map((other) => [other in ladder, ladder[other]])).toEqual(
      names.map((other) => (other === name ? [true, 7] : [false, undefined])),
    );
  }
});
