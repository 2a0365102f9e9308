/** `edict release`: publishes a release into the image repository with the manufacturer's keys. */
import { join } from "node:path";
import type { Command } from "commander";
import { publishRelease, type RepositoryKeys } from "../../depot/repository.ts";
import { act } from "../act.ts";
import { readText } from "../context.ts";
import { formatBytes } from "../durations.ts";

interface ReleaseCommandOptions {
  readonly vendor: string;
  readonly model: string;
  readonly version: string;
  readonly counter: string;
  readonly hardware: string[];
  readonly source: string;
}

export function addRelease(program: Command): void {
  const command = program
    .command("release")
    .description("publish a release: bytes by digest, metadata signed with the manufacturer's keys (TUF)")
    .argument("<file>", "the image")
    .requiredOption("--vendor <name>", "who made it")
    .requiredOption("--model <name>", "the software's name")
    .requiredOption("--version <version>", "the new version")
    .requiredOption("--counter <number>", "release counter: greater than every one before")
    .requiredOption("--source <url>", "where the manufacturer publishes it (https)")
    .option("--hardware <id...>", "hardware revisions that it runs on", ["r1"]);
  act<ReleaseCommandOptions>(command, async ({ paths, output }, options, file = "") => {
    const keys = JSON.parse(readText(join(paths.repositoryKeys, "keys.json"), "the manufacturer's keys")) as RepositoryKeys;
    const { vendor, model: name, version, hardware, source } = options;
    const release = await publishRelease(paths.depot, {
      keys,
      release: { vendor, name, version, counter: Number(options.counter), hardware, source },
      image: file,
      nowMs: Date.now(),
    });
    output.line(`Published ${vendor} ${name} ${version}: ${formatBytes(release.size)}, sha256 ${release.sha256}`);
    output.result(release);
  });
}
