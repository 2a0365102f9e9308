/** `edict trust`: who may command, and who says so. The ceremony that these commands serve is docs/operate/keys.md. */
import type { Command } from "commander";
import { addDraft } from "./draft.ts";
import { addPin } from "./pin.ts";
import { addPublish } from "./publish.ts";
import { addShow } from "./show.ts";
import { addSign } from "./sign.ts";

export function addTrust(program: Command): void {
  const trust = program.command("trust").description("directors and the authority map: show, draft, sign, publish (docs/operate/keys.md)");
  for (const add of [addShow, addDraft, addSign, addPublish, addPin]) add(trust);
}
