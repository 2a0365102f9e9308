/** An update: what the use case leaves open (digest, size, source) is the published release's own. */
import { readRelease } from "../../depot/read-release.ts";
import { readRepository } from "../../depot/repository/read.ts";
import type { Release } from "../../depot/release.ts";
import type { Command } from "../../openc2/model.ts";
import type { Clock } from "../../trust/clock.ts";
import type { DraftTerms, UpdateDraft } from "../api/schemas.ts";
import { ServerError } from "../errors.ts";
import { fetchSizes } from "../fetch-sizes.ts";
import { releaseCounters } from "../release-counters.ts";
import type { State } from "../state-directory.ts";
import type { Ordered } from "./ordered.ts";

/** Throws ERR_SERVER_NOT_FOUND without a release. */
export async function orderedUpdate(written: UpdateDraft, { query }: DraftTerms, state: State, clock: Clock): Promise<Ordered> {
  const software = written.target["x-swup:software"];
  const release = await findRelease(state, software, clock);
  return {
    command: complete(written, release),
    request: {
      tenant: state.config.tenant,
      vendor: software.vendor,
      name: software.name,
      newVersion: software.new_version,
      ...(software.old_version !== undefined && { oldVersion: software.old_version }),
      ...(query !== undefined && { query, counters: await releaseCounters(state.paths.depot, software) }),
    },
    releaseCounter: release.counter,
    imageBytes: release.size,
    bytesOf: fetchSizes(await readRepository(state.paths.depot), release),
  };
}

function complete({ action, target, args, command_id }: UpdateDraft, release: Release): Command {
  const { old_version, ...rest } = target["x-swup:software"];
  const software = {
    ...rest,
    ...(old_version !== undefined && { old_version }),
    source: rest.source ?? release.source,
    size: release.size,
    hashes: { sha256: release.sha256.toUpperCase() },
    ...(release.hardware.length > 0 && { hardware: release.hardware }),
  };
  return { action, target: { "x-swup:software": software }, args, command_id };
}

async function findRelease({ paths }: State, software: UpdateDraft["target"]["x-swup:software"], clock: Clock): Promise<Release> {
  const { vendor, name, new_version: version } = software;
  const release = await readRelease(paths.depot, { vendor, name, version }, clock);
  if (release !== undefined) return release;
  throw new ServerError("ERR_SERVER_NOT_FOUND", `no release ${vendor} ${name} ${version} is published; publish it with \`edict release\``);
}
