/** What people write as a playbook, and what a name stands for that they type: a campaign, or a playbook with all its steps. */
import type { PlaybookRequest } from "../server/api/schemas.ts";
import type { CampaignView } from "../server/api/views.ts";
import type { ApiClient } from "../server/client.ts";
import { parseDurationMs } from "./durations.ts";
import { CliError } from "./errors.ts";

/** As `edict send` has it. */
export const EXPIRES_DEFAULT = "24h";

interface WrittenStep {
  readonly expires?: unknown;
  readonly expiresInMs?: unknown;
}

/**
 * `{"playbook": "NAME", "steps": [{"command": {...}, "query": "...", "expires": "2h", ...}]}`: each step as the API has it, but that it may
 * say `expires`, and how long if it does not. Undefined for a file that is no playbook. What else is wrong the server says, with its place.
 */
export function playbookOf(file: unknown): PlaybookRequest | undefined {
  if (typeof file !== "object" || file === null || !("playbook" in file)) return undefined;
  const { steps, ...rest } = file as { readonly steps?: unknown; readonly playbook: unknown };
  return { ...rest, steps: Array.isArray(steps) ? steps.map(stepOf) : steps } as PlaybookRequest;
}

/** The campaign of this id, or the steps of the playbook of this name in their order. Throws ERR_SERVER_NOT_FOUND for neither. */
export async function campaignsNamed(client: ApiClient, name: string): Promise<readonly CampaignView[]> {
  const steps = await client.stepsOf(name);
  return steps.length > 0 ? steps : [await client.campaign(name)];
}

/** Whether the name was a playbook's. */
export function isPlaybook(name: string, campaigns: readonly CampaignView[]): boolean {
  return campaigns.some(({ playbook }) => playbook === name);
}

function stepOf(step: unknown, index: number): unknown {
  if (typeof step !== "object" || step === null) return step;
  const { expires = EXPIRES_DEFAULT, ...rest } = step as WrittenStep;
  if (rest.expiresInMs === undefined && typeof expires === "string") return { ...rest, expiresInMs: parseDurationMs(expires) };
  if (!("expires" in step)) return rest;
  throw new CliError("ERR_CLI_FILE", `$.steps.${index}.expires: a duration such as "24h", and not beside expiresInMs`);
}
