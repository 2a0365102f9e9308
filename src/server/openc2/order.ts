/**
 * From an upstream orchestrator's update to what an operator would have asked for. What the campaign cannot carry on to the devices
 * is refused, never dropped: whoever orders must not believe in something that nobody was told. Pure.
 */
import type { Release } from "../../depot/release.ts";
import type { Args, Command } from "../../openc2/model.ts";
import { SOFTWARE_TARGET, type Software } from "../../openc2/profiles/x-swup/model.ts";
import { type DraftRequest, draftRequest } from "../api/schemas.ts";
import { ServerError } from "../errors.ts";

/** What the profile requires of an update, and a vendor: without one nobody's fleet is meant. */
export type Ordered = Required<Pick<Software, "vendor" | "name" | "new_version" | "source" | "size" | "hashes">> & Software;

/** The campaign's three messages are made from the command's id by appending two characters, within the language's 36. */
const COMMAND_ID = /^\S{1,34}$/;

/** Throws ERR_SERVER_REQUEST or ERR_SERVER_UNSUPPORTED. */
export function draftOrder(
  command: Command,
  { nowMs, expiresInMs }: { readonly nowMs: number; readonly expiresInMs: number },
): DraftRequest {
  const { vendor, name, old_version, new_version, source } = orderedSoftware(command);
  const { spread, not_after = nowMs + expiresInMs } = argsOf(command.args);
  const { command_id = "" } = command;
  if (!COMMAND_ID.test(command_id))
    throw new ServerError("ERR_SERVER_REQUEST", "$.command_id: 1 to 34 characters without spaces, for it becomes the campaign's id");
  return checked({
    command: {
      action: "update",
      target: { [SOFTWARE_TARGET]: { vendor, name, new_version, source, ...(old_version !== undefined && { old_version }) } },
      command_id,
      args: { response_requested: "none" },
    },
    expiresInMs: not_after - nowMs,
    ...(spread !== undefined && { spreadMs: spread }),
  });
}

/** The upstream command names the bytes; the release that is published here must be these. Throws ERR_SERVER_RELEASE. */
export function checkRelease({ size, hashes }: Ordered, release: Release): void {
  if (size === release.size && hashes.sha256?.toLowerCase() === release.sha256) return;
  throw new ServerError(
    "ERR_SERVER_RELEASE",
    `the command names ${size} bytes with SHA-256 ${hashes.sha256}; published are ${release.size} with ${release.sha256.toUpperCase()}`,
  );
}

export function orderedSoftware({ target }: Command): Ordered {
  const software = (target as { readonly [SOFTWARE_TARGET]: Ordered })[SOFTWARE_TARGET];
  const path = `$.target.${SOFTWARE_TARGET}`;
  if (software.vendor === undefined) throw new ServerError("ERR_SERVER_REQUEST", `${path}.vendor: it is not said whose software`);
  for (const name of Object.keys(software)) if (!CARRIED.has(name)) unsupported(`${path}.${name}`);
  return software;
}

function argsOf({ "x-swup": swup = {}, ...args }: Args = {}): { readonly not_after?: number; readonly spread?: number } {
  const { not_after, spread, ...others } = swup;
  for (const name of Object.keys(others)) unsupported(`$.args.x-swup.${name}`);
  for (const name of Object.keys(args)) if (!CARRIED_ARGS.has(name)) unsupported(`$.args.${name}`);
  return { ...(not_after !== undefined && { not_after }), ...(spread !== undefined && { spread }) };
}

/** The API's own limits, e.g. on how long a campaign may be sent. */
function checked(request: DraftRequest): DraftRequest {
  const [issue] = draftRequest.safeParse(request).error?.issues ?? [];
  if (issue === undefined) return request;
  const path = issue.path[0] === "expiresInMs" ? "$.args.x-swup.not_after, counted from now" : issue.path.slice(1).join(".");
  throw new ServerError("ERR_SERVER_REQUEST", `${path}: ${issue.message}`);
}

/** `size` and `hashes` are held against the release, which then speaks for itself. */
const CARRIED: ReadonlySet<string> = new Set(["vendor", "name", "old_version", "new_version", "source", "size", "hashes"]);
/** `start_time` is when the campaign is drafted. */
const CARRIED_ARGS: ReadonlySet<string> = new Set(["response_requested", "start_time"]);

function unsupported(path: string): never {
  throw new ServerError("ERR_SERVER_UNSUPPORTED", `${path}: a campaign does not carry it`);
}
