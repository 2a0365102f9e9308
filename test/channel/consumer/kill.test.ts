/** The process is killed with SIGKILL again and again, in the middle of whatever it does: nothing accepted is lost. */
import { afterAll, expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { RUNNING_MAX } from "../../../src/openc2/consumer/limits.ts";

const KILLS = 25;
const COMMANDS = 400;

const directory = mkdtempSync(join(tmpdir(), "edict-killed-"));
mkdirSync(join(directory, "effects"));
afterAll(() => rmSync(directory, { recursive: true, force: true }));

test("whatever was accepted before a kill -9 is done afterwards, and once for whoever counts effects", async () => {
  const accepted = new Set<string>();
  const ids = Array.from({ length: COMMANDS }, (_, index) => `command-${index}`);
  let kills = 0;
  for (;;) {
    const open = ids.filter((id) => !accepted.has(id));
    const process = start();
    const lines = linesOf(process.stdout);
    expect((await lines.next()).value).toBe("ready");
    // Like a producer that heard nothing: all that is not answered is sent again, under its old id.
    for (const id of open.slice(0, 40)) process.stdin.write(`${commandOf(id)}\n`);
    process.stdin.flush();
    const stopAfter = kills < KILLS ? kills % 20 : Math.min(open.length, 40);
    for (let heard = 0; heard < stopAfter; heard++) {
      const answer: { id: string; kind: string; status: number } = JSON.parse((await lines.next()).value ?? "");
      expect(answer).toMatchObject({ kind: "silence", status: 200 });
      accepted.add(answer.id);
    }
    const isLast = kills >= KILLS && open.length <= 40;
    if (isLast) while (effects().length < COMMANDS) await Bun.sleep(5);
    process.kill("SIGKILL");
    await process.exited;
    kills += 1;
    if (isLast) break;
  }
  expect(effects().toSorted()).toEqual(ids.toSorted());
  // More than once runs only what a kill interrupted: at most what ran at the same time, for each kill.
  const runs = readFileSync(join(directory, "runs"), "utf8").trim().split("\n");
  expect(new Set(runs).size).toBe(COMMANDS);
  expect(runs.length - COMMANDS).toBeLessThanOrEqual(kills * RUNNING_MAX);
}, 60_000);

function effects(): readonly string[] {
  return readdirSync(join(directory, "effects"));
}

function commandOf(id: string): string {
  const request = { action: "scan", target: { uri: `https://a.example/${id}` }, args: { response_requested: "none" }, command_id: id };
  return JSON.stringify({ headers: { request_id: id }, body: { openc2: { request } } });
}

function start() {
  const program = join(import.meta.dir, "killed-process.ts");
  return Bun.spawn([process.execPath, program, directory], { stdin: "pipe", stdout: "pipe", stderr: "inherit" });
}

async function* linesOf(stream: ReadableStream<Uint8Array>): AsyncGenerator<string> {
  let rest = "";
  const decoder = new TextDecoder();
  for await (const bytes of stream) {
    const lines = (rest + decoder.decode(bytes, { stream: true })).split("\n");
    rest = lines.pop() ?? "";
    yield* lines;
  }
}
