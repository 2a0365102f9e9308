/** `edict agent`: runs one device from its directory, as it would run on the device itself. */
import type { Command } from "commander";
import { Agent, type AgentEvent } from "../../agent/index.ts";
import { act } from "../act.ts";

export function addAgent(program: Command): void {
  const command = program.command("agent").description("run a device from the directory that `edict enroll` made").argument("<dir>");
  act(command, async ({ output }, _options, directory = "") => {
    const agent = new Agent({
      dir: directory,
      clock: { nowMs: Date.now },
      random: Math.random,
      onEvent: (event) => {
        output.line(`${new Date().toISOString()} ${sentenceOf(event)}`);
        // One JSON object a line: a device runs for years.
        if (output.json) console.log(JSON.stringify({ atMs: Date.now(), ...event }));
      },
    });
    process.once("SIGINT", () => void agent.stop());
    process.once("SIGTERM", () => void agent.stop());
    await agent.run();
  });
}

function sentenceOf(event: AgentEvent): string {
  switch (event.kind) {
    case "booted":
      return `booted ${event.version} from slot ${event.slot} (start ${event.boot})`;
    case "enrolled":
      return `has a certificate until ${new Date(event.untilMs).toISOString()}`;
    case "waiting":
      return "waits for a person to admit it: edict enrolment pending";
    case "not-enrolled":
      return `no certificate: ${event.reason}`;
    case "connected":
      return "the channel stands";
    case "disconnected":
      return `no channel: ${event.reason}`;
    case "refused":
      return `refused: ${event.reason}`;
    case "trust":
      return `believes version ${event.map} of the authority map and ${directorsText(event.directors)}`;
    case "update":
      return jobSentence("update", event);
    case "housekeeping":
      return jobSentence(event.action, event);
  }
}

interface JobState {
  readonly commandId: string;
  readonly state: string;
  readonly error?: string;
}

function jobSentence(what: string, { commandId, state, error }: JobState): string {
  return `${what} ${commandId}: ${state}${error === undefined ? "" : ` (${error})`}`;
}

function directorsText(directors: Extract<AgentEvent, { kind: "trust" }>["directors"]): string {
  return Object.entries(directors)
    .map(([name, version]) => `version ${version} of the director ${name}`)
    .join(" and ");
}
