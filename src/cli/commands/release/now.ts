/** `edict release FILE`: a new release, published at once with the keys at hand, or written into a bundle for people to sign. */
import type { Command } from "commander";
import { storeRelease } from "../../../depot/repository.ts";
import type { Release } from "../../../depot/release.ts";
import { addRelease } from "../../../depot/repository/changes.ts";
import { type MadeDeltas, storeDeltas } from "../../../depot/repository/deltas.ts";
import { act } from "../../act.ts";
import { formatBytes } from "../../durations.ts";
import { CliError } from "../../errors.ts";
import type { Output } from "../../output.ts";
import { change, withChange, type WorkplaceOptions } from "../../release/workplace.ts";

interface NowOptions extends WorkplaceOptions {
  readonly vendor: string;
  readonly model: string;
  readonly version: string;
  readonly counter: string;
  readonly hardware: string[];
  readonly source: string;
  readonly precursor?: string[];
  readonly deltaFrom: string[];
  readonly sbom?: string;
  readonly sbomSha256?: string;
}

export function addNow(release: Command): void {
  const command = release
    .command("now", { isDefault: true })
    .description("publish a release: `edict release FILE ...`")
    .argument("<file>", "the image")
    .requiredOption("--vendor <name>", "who made it")
    .requiredOption("--model <name>", "the software's name")
    .requiredOption("--version <version>", "the new version")
    .requiredOption("--counter <number>", "release counter: greater than every one before")
    .requiredOption("--source <url>", "where the manufacturer publishes it (https)")
    .option("--hardware <id...>", "hardware revisions that it runs on", ["r1"])
    .option("--precursor <sha256...>", "images that it may be installed over (default: whatever runs)")
    .option("--delta-from <version...>", "earlier versions whose devices fetch what has changed instead of the whole image", [])
    .option("--sbom <url>", "its bill of materials (https)")
    .option("--sbom-sha256 <hex>", "the bill's digest");
  act<NowOptions>(withChange(command), async (context, options, file = "") => {
    const { vendor, model: name, version, hardware, source, precursor: precursors } = options;
    let published: Release | undefined;
    const result = await change(context, options, async (repository, { dir }, nowMs) => {
      const said = { vendor, name, version, counter: Number(options.counter), hardware, source, ...(precursors && { precursors }) };
      published = await storeRelease(dir, { ...said, ...sbomOf(options) }, file);
      const made = await storeDeltas(dir, repository, published, options.deltaFrom);
      tellDeltas(context.output, published, made);
      return addRelease(repository, published, nowMs, made.deltas);
    });
    context.output.result({ ...published, ...result });
  });
}

function tellDeltas(output: Output, { size }: Release, { deltas, withoutGain }: MadeDeltas): void {
  for (const { from, size: bytes } of deltas) output.line(`Delta from ${from}: ${formatBytes(bytes)} instead of ${formatBytes(size)}.`);
  for (const version of withoutGain) output.line(`No delta from ${version}: it would be about as large as the image.`);
}

function sbomOf({ sbom: url, sbomSha256: sha256 }: NowOptions): { readonly sbom?: { readonly url: string; readonly sha256: string } } {
  if (url === undefined && sha256 === undefined) return {};
  if (url === undefined || sha256 === undefined) throw new CliError("ERR_CLI_USAGE", "--sbom and --sbom-sha256 go together");
  return { sbom: { url, sha256 } };
}
