/** Takes a command in, or finds that it came before: bounded, by its id and its sender, and on disk when it is accepted. Pure. */
import { EdictError } from "../edict-error.ts";
import type { Command, Validated } from "../model.ts";
import { quoted } from "../shape.ts";
import { ConsumerError } from "./errors.ts";
import type { Observer } from "./events.ts";
import { QUEUE_PER_PEER_MAX } from "./limits.ts";
import { type CommandQueue, isCancel, type Sender } from "./queue.ts";
import { targetName } from "./registry.ts";
import type { CommandStore, Kept } from "./store.ts";
import { timesOf } from "./times.ts";

export interface AcceptancePorts {
  readonly store: CommandStore;
  readonly queue: CommandQueue;
  readonly queueMax: number;
  readonly tell: Observer;
}

/** Gives its number when it is on disk, now or since it came for the first time. Throws ConsumerError. */
export async function accept(command: Validated<Command>, sender: Sender, ports: AcceptancePorts): Promise<number> {
  const { store, queue, tell } = ports;
  const { peer, id } = sender;
  const known = id === undefined ? undefined : queue.find(id, peer);
  if (known !== undefined) checkRepeated(command, known);
  try {
    const { seq, startMs } = known ?? add(command, sender, ports);
    // Also for one that came before: the first of two that come at once may not be on disk yet.
    await store.synced();
    const what = { action: command.action, target: targetName(command), startMs };
    if (known === undefined) tell({ kind: "accepted", seq, peer, ...(id !== undefined && { id }), ...what });
    return seq;
  } catch (cause) {
    if (cause instanceof EdictError) throw cause;
    tell({ kind: "fault", cause });
    throw new ConsumerError("ERR_CONSUMER_STORE", "no command can be kept now", { cause });
  }
}

function add(command: Validated<Command>, sender: Sender, { store, queue, queueMax }: AcceptancePorts): Kept {
  const times = timesOf(command, sender.receivedMs);
  // A cancel ends at once and makes room: it is what a full queue needs.
  const isRoomNeeded = !isCancel(command) || times.startMs > sender.receivedMs;
  if (isRoomNeeded && (store.unfinished() >= queueMax || store.unfinished(sender.peer) >= Math.min(queueMax, QUEUE_PER_PEER_MAX)))
    throw new ConsumerError("ERR_CONSUMER_FULL", "too many commands wait here");
  return queue.add(command, sender, times);
}

/** The same but for the response asked for: whoever sends it again may ask in another way, e.g. for the status. */
function checkRepeated(command: Command, { id = "", command: text }: Kept): void {
  if (text === undefined) throw new ConsumerError("ERR_CONSUMER_CANCELLED", `${quoted(id)} was cancelled before it came`);
  if (essence(command) !== essence(JSON.parse(text)))
    throw new ConsumerError("ERR_CONSUMER_ID", `${quoted(id)} was the id of another command`);
}

function essence({ action, target, actuator, args }: Command): string {
  return JSON.stringify([action, target, actuator, { ...args, response_requested: undefined }]);
}
