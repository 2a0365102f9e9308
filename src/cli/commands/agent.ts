/** `edict agent`: runs one device from its directory, as it would run on the device itself. */
import type { Command } from "commander";
import { Agent } from "../../agent/index.ts";
import { act } from "../act.ts";

export function addAgent(program: Command): void {
  const command = program.command("agent").description("run a device from the directory that `edict enroll` made").argument("<dir>");
  act(command, async ({ output }, _options, directory = "") => {
    const agent = new Agent({
      dir: directory,
      clock: { nowMs: Date.now },
      random: Math.random,
      onEvent: (event) =>
        output.json ? console.log(JSON.stringify(event)) : output.line(`${new Date().toISOString()} ${JSON.stringify(event)}`),
    });
    process.once("SIGINT", () => void agent.stop());
    process.once("SIGTERM", () => void agent.stop());
    await agent.run();
  });
}
