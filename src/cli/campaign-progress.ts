/** How far a campaign is, as a line for a person. */
import type { CampaignView } from "../server/api/views.ts";

export function campaignLine(view: CampaignView, rate = ""): string {
  const { id, state, reason, waitsFor, wave, waves, newcomers, permit, progress } = view;
  const { sent, targeted, failed, away } = progress;
  const isControl = wave === waves.length - 1 && permit.control_count !== undefined;
  const hasJoined = newcomers !== undefined && newcomers.joined > 0;
  const part = wave === 0 ? " (canary)" : hasJoined ? " (newcomers)" : isControl ? " (control group)" : "";
  const at = wave < 0 ? "" : ` wave ${wave + 1}/${waves.length}${part}`;
  const because = reason ?? (waitsFor && `the next wave waits: ${waitsFor}`);
  const why = because === undefined ? "" : ` (${because})`;
  const joined = newcomers === undefined ? "" : `, joined later ${newcomers.joined}, ${newcomers.left} more may`;
  return `${id} ${state}${why}${at}: sent ${sent}/${targeted}${rate}, ${doneText(view)}, failed ${failed}, away ${away}${joined}`;
}

function doneText({ command, progress: { fetched, back, updated } }: CampaignView): string {
  return command.action === "stop"
    ? `say that it is stopped ${updated}, settled ${back}`
    : `fetched ${fetched}, back ${back}, on the new version ${updated}`;
}

const WINDOW_MS = 1_000;

/** For whoever watches: from the second look on the line says how many commands a second went out in the last second or two. */
export class CampaignProgress {
  #before: Look | undefined;
  #last: Look | undefined;

  line(view: CampaignView, nowMs: number): string {
    const look: Look = { sent: view.progress.sent, atMs: nowMs };
    const since = this.#before ?? this.#last ?? look;
    const rate = ((look.sent - since.sent) * 1_000) / Math.max(1, nowMs - since.atMs);
    if (this.#last === undefined || nowMs - this.#last.atMs >= WINDOW_MS) {
      this.#before = this.#last;
      this.#last = look;
    }
    return campaignLine(view, rate >= 0.5 ? ` (${Math.round(rate)}/s)` : "");
  }
}

interface Look {
  readonly sent: number;
  readonly atMs: number;
}
