/** A whole campaign with real processes, as the README's "by hand", but the devices are shell scripts: one is the canary, one hears `none`. */
import { afterAll, describe, expect, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startServe, type ServeProcess } from "../../lab/story/serve-process.ts";
import { edict } from "../cli/edict-process.ts";
import { isMissing, REASON, ShellDevice } from "./shell-device.ts";

const EXAMPLE = join(import.meta.dir, "../../examples/use-case-18.json.txt");

describe.skipIf(isMissing)(`a campaign of shell agents${REASON}`, () => {
  const directory = mkdtempSync(join(tmpdir(), "edict-shell-"));
  const file = (name: string) => join(directory, name);
  const devices: ShellDevice[] = [];
  let serve: ServeProcess | undefined;

  afterAll(async () => {
    await Promise.all(devices.map((device) => device.stop()));
    serve?.kill("SIGTERM");
    await serve?.exited;
    rmSync(directory, { recursive: true, force: true });
  });

  async function json(...args: string[]): Promise<Record<string, unknown>> {
    const { status, out, err } = await edict(["--state", file("state"), "--json", ...args], { cwd: directory });
    if (status !== 0) throw new Error(`edict ${args.join(" ")}: ${status}\n${out}${err}`);
    return JSON.parse(out) as Record<string, unknown>;
  }

  test("both are verified on the new version, and not a byte came up for the command that asked for none", async () => {
    const image = crypto.getRandomValues(new Uint8Array(60_000));
    writeFileSync(file("old.bin"), "the old image");
    writeFileSync(file("new.bin"), image);
    await json("init", "--insecure-plain-keys", "--gateway-port", "0", "--depot-port", "0", "--api-port", "0");
    serve = await startServe(file("state"), file("serve.log"));
    for (const number of ["1", "2"]) {
      const software = ["--vendor", "famousMaker", "--model", "famousModel", "--version", "1.2.3", "--image", file("old.bin")];
      const enrolled = await json("enroll", `urn:dev:ops:32473-cam-${number}`, ...software, "--source", "updates.famousMaker.ce");
      const device = new ShellDevice(String(enrolled["directory"]));
      devices.push(device);
      device.start();
      await device.said("connected");
    }
    const source = "https://updates.famousMaker.ce/ub_x64/patch_20180222_1234.cpp";
    const release = ["--vendor", "famousMaker", "--model", "famousModel", "--version", "2.3.4", "--counter", "2", "--source", source];
    await json("release", file("new.bin"), ...release);
    await json("import", EXAMPLE, "-o", file("command.json"));
    await json("send", file("command.json"), "--canary", "1", "--soak", "0s");
    await json("approve", "wc17_9674309", "--yes");
    const watched = await edict(["--state", file("state"), "status", "wc17_9674309", "--watch"], { cwd: directory });
    expect(watched.out.trim().split("\n").at(-1)).toMatch(/ done wave 2\/2: sent 2\/2.*, fetched 2, back 2, on the new version 2,/);
    expect(await json("report", "wc17_9674309")).toMatchObject({ targeted: 2, verdicts: { verified: 2 }, upstreamBytesForNone: 0 });
    for (const { directory: its } of devices) expect(readFileSync(join(its, "current")).equals(image)).toBe(true);
  }, 120_000);
});
