/**
 * Proof that `response_requested: none` was kept: after such a command was written to a channel, every application byte that
 * comes up on that same channel counts against it, until the channel closes or a command that asks is written to it.
 * Counted before it is read, so that what cannot be read counts as well.
 */
import type { Clock } from "../../trust/clock.ts";
import type { Channel } from "./channel.ts";
import type { Reporter } from "./reporter.ts";

export function noteWritten(connection: Channel, { seq, answers }: { readonly seq: number; readonly answers: boolean }): void {
  connection.writtenSeq = seq;
  connection.silentSeq = answers ? 0 : seq;
}

export function countUpstream({ silentSeq: seq, ordinal }: Channel, bytes: number, reporter: Reporter, clock: Clock): void {
  if (seq > 0) reporter.add({ kind: "unasked-bytes", seq, ordinal, bytes, atMs: clock.nowMs() });
}
