/** Drafts the next version of a document of trust from the one in force. Nothing is signed here. */
import { ANY } from "../../trust/authority-map.ts";
import { type Director, parseDirector } from "../../trust/director.ts";
import { draftDirector, draftMap, type Holder, holdersOf } from "../../trust/sign/index.ts";
import type { Authority } from "../../trust/verify/index.ts";
import { CliError } from "../errors.ts";

/** What a director may do when nothing else is said: everything that Edict's profiles know. */
export const ALL_VERBS: readonly string[] = ["query", "update", "cancel", "stop process", "restart device"];

/** A director is renewed every year; that its people can still do it is tested thereby. */
export const DIRECTOR_LIFE_MS = 365 * 86_400_000;

/** The map changes when authority goes elsewhere; it should not need its owner more often than that. */
export const MAP_LIFE_MS = 5 * DIRECTOR_LIFE_MS;

export interface DirectorChange {
  /** A name that no director in force has makes version 1 of a new one. */
  readonly name?: string | undefined;
  readonly root: readonly Holder[];
  readonly commanders: readonly Holder[];
  readonly lifeMs?: number | undefined;
}

export interface MapChange {
  readonly owners: readonly Holder[];
  readonly appoint?: Uint8Array | undefined;
  readonly vendor?: string | undefined;
  readonly model?: string | undefined;
  readonly verbs?: readonly string[] | undefined;
  readonly dismiss: readonly string[];
  readonly lifeMs?: number | undefined;
}

/** Holders that are not named stay who they are. Throws ERR_CLI_USAGE when it is not clear which director is meant. */
export function nextDirector({ directors }: Authority, change: DirectorChange, nowMs: number): Uint8Array {
  const [only, ...others] = directors;
  const name = change.name ?? (others.length === 0 ? only?.name : undefined);
  if (name === undefined)
    throw new CliError("ERR_CLI_USAGE", `say which director: ${directors.map((director) => director.name).join(", ")}`);
  const current = directors.find((director) => director.name === name);
  const root = change.root.length > 0 || current === undefined ? change.root : holdersOf(current, current.root);
  const commanders = change.commanders.length > 0 || current === undefined ? change.commanders : holdersOf(current, current.roles.command);
  if (root.length === 0 || commanders.length === 0)
    throw new CliError("ERR_CLI_USAGE", `"${name}" is new: name its --root and --commanders key files`);
  return draftDirector({
    name,
    version: (current?.version ?? 0) + 1,
    expiresMs: nowMs + (change.lifeMs ?? DIRECTOR_LIFE_MS),
    root,
    commanders,
    ...(current && { thresholds: thresholdsOf(current) }),
  });
}

export function nextMap({ map, directors }: Authority, change: MapChange, nowMs: number): Uint8Array {
  const appointed = change.appoint && parseDirector(change.appoint);
  const kept = map.appointments
    .filter(({ director }) => !change.dismiss.includes(director.name) && director.name !== appointed?.name)
    // The newest known version, so that a new device starts from it.
    .map(({ director, scopes }) => ({ director: directors.find(({ name }) => name === director.name) ?? director, scopes }));
  const { vendor = ANY, model = ANY, verbs = ALL_VERBS } = change;
  return draftMap({
    owner: map.owner,
    version: map.version + 1,
    expiresMs: nowMs + (change.lifeMs ?? MAP_LIFE_MS),
    root: change.owners.length > 0 ? change.owners : holdersOf(map, map.root),
    rootThreshold: map.root.threshold,
    appointments: appointed ? [...kept, { director: appointed, scopes: [{ vendor, model, verbs }] }] : kept,
  });
}

function thresholdsOf({ roles, root }: Director): { [role in keyof Director["roles"] | "root"]: number } {
  const { command, permit, stop, resume } = roles;
  return {
    command: command.threshold,
    "stopping-command": roles["stopping-command"].threshold,
    permit: permit.threshold,
    stop: stop.threshold,
    resume: resume.threshold,
    "deny-list": roles["deny-list"].threshold,
    checkpoint: roles.checkpoint.threshold,
    root: root.threshold,
  };
}
