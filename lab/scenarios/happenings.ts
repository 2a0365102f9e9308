/** What can happen in a scenario, by the words that its file uses. */
import { type Command, encodeRequest } from "../../src/openc2/index.ts";
import { EdictError } from "../../src/openc2/edict-error.ts";
import { draftMessages } from "../../src/campaign/messages.ts";
import { carryOutCancel, decide } from "../world/decisions.ts";
import { seizeKey } from "../world/evil.ts";
import { massPowerCut } from "../world/faults.ts";
import { sell } from "../world/newcomers.ts";
import { signedBy } from "../world/people.ts";
import { MINUTE_MS } from "../world/settings.ts";
import type { World } from "../world/world.ts";
import { type Happening, shareOf, timeOf } from "./scenario.ts";

type Doing = (world: World, ...given: readonly string[]) => void;

const HAPPENINGS: readonly (readonly [RegExp, Doing])[] = [
  [/^a person stops the campaign$/, (world) => decide(world, "stop")],
  [/^two people let it go on$/, (world) => decide(world, "resume")],
  [/^a person cancels it$/, carryOutCancel],
  [
    /^the depot is down for ([\d:]+)$/,
    (world, time = "") => {
      world.depotDownUntilMs = world.time.nowMs() + timeOf(time);
    },
  ],
  [
    /^the manufacturer withdraws the release$/,
    (world) => {
      world.isWithdrawn = true;
    },
  ],
  [
    /^the certificate authority (expires|is renewed)$/,
    (world, what) => {
      world.isExpired = what === "expires";
    },
  ],
  [
    /^([\d.]+ ?%) of the east is without power, back within ([\d:]+)$/,
    (world, share = "", time = "") => massPowerCut(world, shareOf(share), timeOf(time)),
  ],
  [/^the manager loses its power in the middle of the next order$/, (world) => world.manager.crashInOrder()],
  [/^a shop sells (\d+) webcams, plugged in within ([\d:]+)$/, (world, count = "", time = "") => sell(world, Number(count), timeOf(time))],
  [/^a thief has the approver's key$/, seizeKey],
  [/^the people order (.+) of process (\d+)$/, (world, what = "", id = "") => orderProcess(world, what, Number(id))],
  [
    /^the people ask for the versions of OpenC2$/,
    (world) => {
      askVersions(world).catch((error: unknown) => world.time.fail(error));
    },
  ],
];

/** Throws for what cannot happen. */
export function plantHappenings(world: World, happenings: readonly Happening[], tell: (line: string) => void): void {
  for (const { atMs, what } of happenings) {
    const found = HAPPENINGS.map(([pattern, work]) => ({ given: pattern.exec(what)?.slice(1), work })).find(
      ({ given }) => given !== undefined,
    );
    if (found === undefined) throw new Error(`nothing in a scenario is called "${what}"`);
    world.time.at(world.beginMs + atMs, () => {
      tell(`** ${what}`);
      world.time.stir();
      found.work(world, ...(found.given ?? []));
    });
  }
}

/** Use case 17 as it was written, by the number of a process: refused when it is drafted. */
function orderProcess(world: World, what: string, processId: number): void {
  const command: Command = {
    action: "stop",
    target: { process: { pid: processId } },
    args: { response_requested: "none" },
    command_id: "wc17_5675309",
  };
  const createdMs = world.time.nowMs();
  try {
    draftMessages(command, { createdMs, from: "isp.example", notAfterMs: createdMs + MINUTE_MS, spreadMs: 0 });
  } catch (error) {
    if (!(error instanceof EdictError)) throw error;
    world.log.note("is refused", what, `${error.code}: ${error.message}`);
  }
}

/** Use case 24: a command to one device, with an answer. */
async function askVersions({ time, people, network, frames }: World): Promise<void> {
  const command: Command = {
    action: "query",
    target: { features: ["versions", "profiles"] },
    args: { response_requested: "complete" },
    command_id: "fw17_5675309",
  };
  const payload = encodeRequest({ created: time.nowMs(), from: people.author.person, request_id: "fw17_5675309" }, command);
  const frame = frames.of(new TextEncoder().encode(await signedBy(payload, "command", [people.author, people.approver])));
  const channel = network.gatewayOf(0)?.of(0);
  if (channel !== undefined) network.deliver(channel, frame);
}
