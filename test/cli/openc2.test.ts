/** docs/openc2.md, done as it says: every command on the page runs, in order, and prints what the page says it prints. */
import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { chmodSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { freePorts } from "../../lab/story/free-ports.ts";

const root = join(import.meta.dir, "../..");
const cwd = mkdtempSync(join(tmpdir(), "edict-page-"));
const [httpsPort = 0, brokerPort = 0] = freePorts(2);
const terminals: Bun.Subprocess[] = [];
// Each command starts two processes, and machines may be busy.
setDefaultTimeout(120_000);

interface Block {
  /** What stands behind the three backquotes. */
  readonly kind: string;
  readonly text: string;
  /** The block behind it, if that says what it prints. */
  readonly prints: string | undefined;
}

const blocks = readBlocks(readFileSync(join(root, "docs/openc2.md"), "utf8"));
/** What a block needs that a machine may lack. */
const PROGRAMS = { "with a broker": "mosquitto", "with curl": "curl" };
const isMissing = (program: string) => Bun.which(program, { PATH: `${process.env.PATH}:/usr/sbin` }) === null;

beforeAll(() => {
  // `npx edict` as a person in this repository has it, wherever the test runs.
  writeFileSync(join(cwd, "npx"), `#!/bin/sh\nshift\nexec node "${join(root, "bin/edict.mjs")}" "$@"\n`);
  chmodSync(join(cwd, "npx"), 0o755);
});
afterAll(async () => {
  for (const terminal of terminals) terminal.kill("SIGTERM");
  await Promise.all(terminals.map(({ exited }) => exited));
  rmSync(cwd, { recursive: true, force: true });
});

describe("the page", () => {
  test("has the commands of a trial: keys, listen, validate, send, cancel, convert", () => {
    const all = blocks.map(({ text }) => text).join("\n");
    for (const verb of ["keys", "listen", "validate", "send", "convert"]) expect(all).toContain(`npx edict openc2 ${verb} `);
    expect(all).toContain('"action": "cancel"');
    expect(blocks.filter(({ prints }) => prints !== undefined)).toHaveLength(4);
  });
  for (const block of blocks.filter(({ kind }) => kind.startsWith("sh"))) {
    const missing = Object.entries(PROGRAMS).find(([kind, program]) => block.kind.includes(kind) && isMissing(program));
    const title = block.text.split("\n").findLast((line) => line.includes("edict") || line.includes("mosquitto")) ?? block.text;
    test.skipIf(missing !== undefined)(`${title}${missing ? ` (skipped: ${missing[1]} is not installed)` : ""}`, async () => {
      if (block.kind.includes("terminal of its own")) await inTerminal(block.text);
      else await toItsEnd(block);
    });
  }
  test("its program runs", async () => {
    const program = blocks.find(({ kind }) => kind === "ts")?.text ?? "";
    writeFileSync(join(cwd, "program.ts"), program.replace('"edict/openc2"', JSON.stringify(join(root, "src/openc2/index.ts"))));
    const child = Bun.spawn([process.execPath, "program.ts"], { cwd, stdout: "pipe" });
    expect(await new Response(child.stdout).text()).toBe(
      "request D2 []\nERR_OPENC2_ACTION $.action LS 1.0 §3.3.1.1\nERR_OPENC2_CHOICE $.target LS 1.0 §3.3.1.2\n",
    );
  });
});

test("what was scheduled and then cancelled is cancelled once, and no longer", async () => {
  const again = await shell("npx edict openc2 send https://localhost:8450 cancel.json --keys keys");
  expect([again.status, again.out]).toEqual([1, expect.stringContaining("404 ERR_CONSUMER_NOTHING_TO_CANCEL")]);
});

test("a command that waits outlives kill -9 of the consumer, and can still be cancelled", async () => {
  await shell("sed s/later-1/later-2/ later.json > survivor.json; sed s/later-1/later-2/ cancel.json > undo.json");
  expect((await shell("npx edict openc2 send https://localhost:8450 survivor.json --keys keys")).out).toEndWith("\n102\n");
  const [consumer] = terminals;
  // Node hands over to Bun, which is the process that counts.
  const [bun = ""] = readFileSync(`/proc/${consumer?.pid}/task/${consumer?.pid}/children`, "utf8").split(" ");
  process.kill(Number(bun), "SIGKILL");
  await consumer?.exited;
  await inTerminal(blocks.find(({ kind }) => kind === "sh in a terminal of its own")?.text ?? "");
  expect((await shell("npx edict openc2 send https://localhost:8450 undo.json --keys keys")).out).toEndWith("\n200\n");
});

test("a producer without a certificate, or with one of another authority, is not let in", async () => {
  expect((await shell("npx edict openc2 keys others")).status).toBe(0);
  const stranger = await shell("npx edict openc2 send https://localhost:8450 query.json --keys others --ca keys/ca.pem");
  expect([stranger.status, stranger.err]).toEqual([1, expect.stringContaining("ERR_CHANNEL_UNREACHABLE")]);
  const nobody = await shell("npx edict openc2 send https://localhost:8450 query.json");
  expect([nobody.status, nobody.err]).toEqual([2, expect.stringContaining("ERR_CLI_USAGE")]);
});

test.each([
  ["a port that somebody has", "npx edict openc2 listen --keys keys --port 8450 --dir other", 1, "ERR_CLI_LISTEN"],
  ["a folder that another consumer uses", "npx edict openc2 listen --keys keys --port 0", 1, "ERR_CLI_LISTEN"],
  ["no port", "npx edict openc2 listen --keys keys --port high", 2, "ERR_CLI_USAGE"],
  ["no keys", "npx edict openc2 listen --port 0", 2, "ERR_CLI_USAGE"],
  ["keys that are there already", "npx edict openc2 keys keys", 2, "ERR_CLI_USAGE"],
  ["an address that is none", "npx edict openc2 send localhost query.json --keys keys", 2, "ERR_CLI_USAGE"],
  ["nobody there", "npx edict openc2 send https://localhost:1 query.json --keys keys", 1, "ERR_CHANNEL_UNREACHABLE"],
  ["options of a broker", "npx edict openc2 send https://localhost:8450 query.json --keys keys --cbor", 2, "ERR_CLI_USAGE"],
  ["no recipient behind a broker", "npx edict openc2 send mqtts://localhost:1 query.json --keys keys", 2, "ERR_CLI_USAGE"],
  ["what is no command", "npx edict openc2 send https://localhost:8450 wrong.json --keys keys", 1, "ERR_CLI_FILE"],
])("%s is told in one sentence", async (_, command, status, code) => {
  const outcome = await shell(command);
  expect([outcome.status, outcome.err]).toEqual([status, expect.stringContaining(code)]);
  expect(outcome.err).not.toContain("fault of Edict");
});

/** As typed, but on ports that are free here. */
async function shell(text: string): Promise<{ status: number; out: string; err: string }> {
  const child = Bun.spawn(["sh", "-ec", here(text)], { cwd, env: environment(), stdin: "ignore", stdout: "pipe", stderr: "pipe" });
  const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
  return { status: await child.exited, out: asPrinted(out), err };
}

async function toItsEnd({ text, prints }: Block): Promise<void> {
  const { status, out, err } = await shell(text);
  expect({ status, err }).toEqual({ status: 0, err: "" });
  if (prints !== undefined) expect(out).toBe(prints);
  if (text.includes("ack")) expect(out).toEndWith("\n102\n");
  if (text.includes("cancel.json")) expect(out).toEndWith("\n200\n");
  if (text.includes("curl")) expect(out).toContain('"request_id":"95ad511c-3339-4111-9c47-9156c47d37d3"');
  if (text.includes("mqtts")) expect(out.match(/^camera-1: 200$/gm)).toHaveLength(2);
}

/** Until it says that it is ready; it goes on in the background. */
async function inTerminal(text: string): Promise<void> {
  // mosquitto of root becomes somebody who may not read the keys.
  const asRoot = process.getuid?.() === 0 ? text.replace("listener 8883", "user root\nlistener 8883") : text;
  const last = asRoot.replace(/(^|\n)(mosquitto|npx)(?=[^\n]*$)/, "$1exec $2");
  const terminal = Bun.spawn(["sh", "-ec", `${here(last)} 2>&1`], { cwd, env: environment(), stdin: "ignore", stdout: "pipe" });
  terminals.push(terminal);
  let said = "";
  for await (const chunk of terminal.stdout) {
    said += new TextDecoder().decode(chunk);
    if (/ listens at | running/.test(said)) return;
  }
  throw new Error(`it ended: ${said}`);
}

function environment() {
  return { ...process.env, PATH: `${cwd}:${process.env.PATH}:/usr/sbin` };
}

function here(text: string): string {
  return text.replaceAll("8450", `${httpsPort}`).replaceAll("8883", `${brokerPort}`);
}

function asPrinted(out: string): string {
  return out.replaceAll(`:${httpsPort}`, ":8450").replaceAll(`:${brokerPort}`, ":8883");
}

function readBlocks(page: string): readonly Block[] {
  const found = Array.from(page.matchAll(/^```(.*)\n([^]*?)^```$/gm), ([, kind = "", text = ""]) => ({ kind, text }));
  return found.map(({ kind, text }, index) => ({
    kind,
    text: text.trimEnd(),
    prints: kind === "sh" && found[index + 1]?.kind === "" ? found[index + 1]?.text : undefined,
  }));
}
