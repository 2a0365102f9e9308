/**
 * Whether the image repository still names what campaigns were signed for: its manufacturer may withdraw a release at any time, with
 * `edict release` or any other TUF tool. The repository is read when its timestamp has changed, which every publication writes last. While it
 * is read, or cannot be, nothing is known, no campaign is halted for it, and no device joins one.
 */
import { statSync } from "node:fs";
import { join } from "node:path";
import type { Logger } from "pino";
import type { Campaign } from "../campaign/campaign.ts";
import { broughtBy } from "../campaign/commands/update.ts";
import type { ReleaseChange } from "../campaign/plan-types.ts";
import { type Release, targetPath } from "../depot/release.ts";
import { readRepository, releasesOf } from "../depot/repository/read.ts";
import { SOFTWARE_TARGET, type Software } from "../openc2/index.ts";
import type { Clock } from "../trust/clock.ts";
import { REPOSITORY_RETRY_MS } from "./limits.ts";

export class ReleaseWatch {
  readonly #depotDirectory: string;
  readonly #clock: Clock;
  readonly #log: Logger;
  /** Of the timestamp that was there when it was last read. */
  #mark: string | undefined;
  /** By target path; undefined while they are not known. */
  #releases: ReadonlyMap<string, Release> | undefined;
  #retryMs = Number.NEGATIVE_INFINITY;

  constructor(depotDirectory: string, clock: Clock, log: Logger) {
    this.#depotDirectory = depotDirectory;
    this.#clock = clock;
    this.#log = log;
  }

  /** Before each turn of the clockwork, so that none judges a campaign by what was named before its release: one `stat` unless that has changed. */
  async look(): Promise<void> {
    const mark = markOf(join(this.#depotDirectory, "metadata", "timestamp.json"));
    const nowMs = this.#clock.nowMs();
    if (mark === this.#mark && (this.#releases !== undefined || nowMs < this.#retryMs)) return;
    this.#mark = mark;
    this.#releases = undefined;
    this.#retryMs = nowMs + REPOSITORY_RETRY_MS;
    try {
      const { targets } = await readRepository(this.#depotDirectory);
      // Where two roles name one path devices believe the first (TUF 1.0 §5.6.7).
      const named = releasesOf(targets).toReversed();
      const releases = named.map(({ release }) => [targetPath(release.vendor, release.name, release.version), release] as const);
      if (mark === this.#mark) this.#releases = new Map(releases);
    } catch (error) {
      this.#log.warn({ err: error }, "the image repository cannot be read: a release that is withdrawn would halt no campaign");
    }
  }

  /** Undefined when it is as it was signed, when that is not known, and for a command without a digest. */
  changeOf({ command, request }: Campaign): ReleaseChange | undefined {
    const { hashes } = (command.target as { readonly [SOFTWARE_TARGET]?: Software })[SOFTWARE_TARGET] ?? {};
    const brought = broughtBy(request);
    if (this.#releases === undefined || brought === undefined || hashes?.sha256 === undefined) return undefined;
    const named = this.#releases.get(targetPath(brought.vendor, brought.name, brought.version));
    if (named === undefined) return "withdrawn";
    return named.sha256 === hashes.sha256.toLowerCase() ? undefined : "replaced";
  }

  /** Versions of a campaign's software that its manufacturer made after its release. Undefined when that is not known. */
  newerThan({ request, releaseCounter = 0 }: Campaign): readonly string[] | undefined {
    const isNewer = ({ vendor, name, counter }: Release) => vendor === request.vendor && name === request.name && counter > releaseCounter;
    return this.#releases && [...this.#releases.values()].filter(isNewer).map(({ version }) => version);
  }
}

/** Differs for every file that is put in this place. */
function markOf(file: string): string | undefined {
  const facts = statSync(file, { bigint: true, throwIfNoEntry: false });
  return facts && `${facts.ino} ${facts.mtimeNs} ${facts.size}`;
}
