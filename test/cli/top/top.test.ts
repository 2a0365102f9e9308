/** `edict gateway top` on a real pseudo-terminal and into a pipe, against a real server with one real channel. */
import "reflect-metadata";
import { afterAll, beforeAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startServe, type ServeProcess } from "../../../lab/story/serve-process.ts";

const EDICT = join(import.meta.dir, "../../../src/cli/main.ts");
const LEFT = "\u001b[?25h\u001b[?1049l";
const directory = mkdtempSync(join(tmpdir(), "edict-top-"));
const state = join(directory, "state");
const command = (...args: string[]) => [process.execPath, EDICT, "--state", state, ...args];
let serve: ServeProcess;

beforeAll(async () => {
  const init = Bun.spawn(command("init", "--insecure-plain-keys", "--gateway-port", "0", "--depot-port", "0", "--api-port", "0"), {
    stdout: "ignore",
  });
  expect(await init.exited).toBe(0);
  serve = await startServe(state, join(directory, "serve.log"));
}, 60_000);

afterAll(async () => {
  serve.kill("SIGTERM");
  await serve.exited;
  rmSync(directory, { recursive: true, force: true });
});

/** A person at a terminal of that size. */
function sitDown(cols: number, rows: number) {
  let seen = "";
  let look = () => {};
  const child = Bun.spawn(command("gateway", "top"), {
    terminal: {
      cols,
      rows,
      data: (_terminal, bytes) => {
        seen += new TextDecoder().decode(bytes);
        look();
      },
    },
  });
  const sees = async (text: string) => {
    while (!seen.includes(text)) await new Promise<void>((resolve) => (look = resolve));
  };
  const forgets = () => (seen = "");
  return { child, sees, forgets, seen: () => seen, terminal: child.terminal };
}

test("it draws within the terminal, draws anew when that is resized, and leaves it as it was at q", async () => {
  const { child, sees, forgets, seen, terminal } = sitDown(40, 30);
  await sees("over limit  nothing");
  expect(seen()).toContain("\u001b[?1049h");
  expect(seen()).toContain("channels    0, opening 0, resumed - of …");
  forgets();
  terminal?.resize(100, 30);
  await sees("channels    0, opening 0, resumed - of 0 handshakes");
  terminal?.write("q");
  expect(await child.exited).toBe(0);
  expect(seen()).toEndWith(LEFT);
}, 60_000);

test("Ctrl-C leaves the terminal as it was, and so does a signal from outside", async () => {
  const typed = sitDown(100, 30);
  await typed.sees("gateway-1");
  typed.terminal?.write("\u0003");
  expect([await typed.child.exited, typed.seen().endsWith(LEFT)]).toEqual([0, true]);
  const told = sitDown(100, 30);
  await told.sees("gateway-1");
  told.child.kill("SIGTERM");
  expect([await told.child.exited, told.seen().endsWith(LEFT)]).toEqual([0, true]);
}, 60_000);

test("into a pipe it prints a line a second until it is told to end", async () => {
  const child = Bun.spawn(command("gateway", "top"), { stdin: "ignore", stdout: "pipe" });
  let text = "";
  for await (const chunk of child.stdout) {
    text += new TextDecoder().decode(chunk);
    if (text.split("\n").length > 2) child.kill("SIGINT");
  }
  expect(await child.exited).toBe(0);
  const [first = "", second = ""] = text.split("\n");
  expect(first).toMatch(/^\S+Z channels 0, sent 0 \(-\), queue 0 B on 0, slow 0, refused 0, behind 0, depot 0 sending \(load 0 %\)$/);
  expect(second).toMatch(/ sent 0 \(0\/s\), /);
}, 60_000);

test("when whoever reads the pipe has gone it ends", async () => {
  const top = command("gateway", "top").join(" ");
  const child = Bun.spawn(["bash", "-c", `set -o pipefail; ${top} | head -n 1 > /dev/null`]);
  expect(await child.exited).toBe(0);
}, 60_000);

test("--json --once is one object on one line", async () => {
  const child = Bun.spawn(command("--json", "gateway", "top", "--once"), { stdin: "ignore", stdout: "pipe" });
  const text = await new Response(child.stdout).text();
  expect(await child.exited).toBe(0);
  expect(text.trimEnd().split("\n")).toHaveLength(1);
  expect(JSON.parse(text)).toMatchObject({ parts: [{ part: "gateway-1" }], total: { channels: 0 }, orders: [], sentPerSecond: null });
}, 60_000);

test("when the server goes away it says so and goes on looking", async () => {
  const { child, sees, forgets, terminal } = sitDown(100, 30);
  await sees("gateway-1");
  serve.kill("SIGTERM");
  await sees("No answer since ");
  forgets();
  serve = await startServe(state, join(directory, "serve.log"));
  await sees("\u001b[HEdict gateway  ");
  terminal?.write("q");
  expect(await child.exited).toBe(0);
}, 60_000);
