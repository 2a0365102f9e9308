/** `edict openc2`: OpenC2 by hand, for whoever tries one implementation against another. */
import type { Command } from "commander";
import { addConvert } from "./convert.ts";
import { addKeys } from "./keys.ts";
import { addListen } from "./listen.ts";
import { addSend } from "./send.ts";
import { addValidate } from "./validate.ts";

export function addOpenC2(program: Command): void {
  const openc2 = program.command("openc2").description("OpenC2 by hand: check, convert, send and receive messages (docs/openc2.md)");
  for (const add of [addKeys, addValidate, addConvert, addListen, addSend]) add(openc2);
}
