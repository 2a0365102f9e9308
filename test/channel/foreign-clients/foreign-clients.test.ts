/** The gateway's WebSocket with clients that somebody else wrote: Node's `ws`, Python's `websockets`, and a browser. */
import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Gateway } from "../../../src/channel/gateway/index.ts";
import { CLOSE, encodeCheckIn } from "../../../src/channel/wire/index.ts";
import { makeCheckIn } from "../device.ts";
import { TestManager } from "../manager.ts";
import { servePage } from "./browser-page.ts";

const directory = mkdtempSync(join(tmpdir(), "edict-clients-"));
const checkIn = new TextDecoder().decode(encodeCheckIn(makeCheckIn(["a", "b"])));
// Debian's own: another Python on the path need not have the package.
const hasPython = spawnSync("/usr/bin/python3", ["-c", "import websockets"], { stdio: "ignore" }).status === 0;
const browser = ["chromium", "chromium-browser", "google-chrome"].find((name) => Bun.which(name) !== null);
const skip = (is: boolean, what: string) => (is ? "" : ` (skipped: there is no ${what} here)`);

/** A client after the other: one campaign has one cohort. */
const EVERYBODY = [1, 2, 3, 4];

let manager: TestManager;
let gateway: Gateway;
let ordinal = 0;

beforeAll(async () => {
  manager = await TestManager.create();
  gateway = await manager.start();
});

beforeEach(() => {
  manager.reports.length = 0;
  ordinal += 1;
});

afterAll(async () => {
  await manager.stop();
  rmSync(directory, { recursive: true });
});

/** What the client is told: where to dial, as whom, and what to say. */
async function given(): Promise<string> {
  const { certificatePem, privateKeyPem } = await manager.issue(ordinal);
  const file = (name: string, text: string) => {
    const path = join(directory, `${ordinal}-${name}`);
    writeFileSync(path, text);
    return path;
  };
  const paths = { ca: file("ca", manager.authority.certificatePem), cert: file("cert", certificatePem), key: file("key", privateKeyPem) };
  return JSON.stringify({ url: `wss://localhost:${gateway.port}/.well-known/openc2`, ...paths, checkIn });
}

/** Runs it, answers its check-in with a command, and returns what it says it met. */
async function meet(command: readonly string[]): Promise<{ met: unknown; frame: string }> {
  const client = Bun.spawn([...command, await given()], { stdout: "pipe", stderr: "inherit" });
  await manager.checkedIn(1);
  const { frame } = await manager.send({ targets: [ordinal], cohort: EVERYBODY, commandId: `command-${ordinal}` });
  return { met: JSON.parse(await new Response(client.stdout).text()), frame: new TextDecoder().decode(frame) };
}

test("ws, with a check-in in three fragments and a ping between them", async () => {
  const { met, frame } = await meet(["node", join(import.meta.dir, "ws-client.mjs")]);
  expect(met).toEqual({
    protocol: "openc2",
    extensions: "",
    pong: "between fragments",
    message: { text: frame, isBinary: false },
    closed: CLOSE.normal,
    closedTooBig: CLOSE.tooBig,
  });
}, 20_000);

test.skipIf(!hasPython)(
  `websockets, with a check-in in three fragments${skip(hasPython, "python3-websockets")}`,
  async () => {
    const { met, frame } = await meet(["/usr/bin/python3", join(import.meta.dir, "websockets_client.py")]);
    expect(met).toEqual({
      protocol: "openc2",
      message: { text: frame, isBinary: false },
      closed: CLOSE.normal,
      closedTooBig: CLOSE.tooBig,
    });
  },
  20_000,
);

/** The page of one origin asks for a channel at that origin, or at another's port. */
async function browse(name: string, url: string): Promise<{ met: unknown; frame: string }> {
  const outcome = Promise.withResolvers<string>();
  const identity = await manager.issue(ordinal);
  const html = `<script>
    const open = (url) => new Promise((resolve) => {
      const socket = new WebSocket(url, "openc2");
      const met = { socket, closed: new Promise((done) => (socket.onclose = ({ code }) => done(code))) };
      socket.onopen = () => resolve(met);
      socket.onerror = () => resolve(met);
    });
    (async () => {
      const url = (${url})(location);
      const { socket, closed } = await open(url);
      const isOpen = socket.readyState === 1;
      const met = { isOpen, protocol: socket.protocol };
      if (isOpen) {
        const message = new Promise((resolve) => (socket.onmessage = ({ data }) => resolve(data)));
        socket.send(${JSON.stringify(checkIn)});
        met.message = await message;
        socket.close(1000);
      }
      met.closed = await closed;
      if (isOpen) {
        const second = await open(url);
        second.socket.send("x".repeat(9000));
        met.closedTooBig = await second.closed;
      }
      await fetch("/outcome", { method: "POST", body: JSON.stringify(met) });
    })();
  </script>`;
  const options = { gatewayPort: gateway.port, caPem: manager.authority.certificatePem, identity, html };
  const page = servePage({ ...options, onOutcome: outcome.resolve });
  const profile = `--user-data-dir=${join(directory, `profile-${ordinal}`)}`;
  const flags = ["--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", profile];
  const chromium = Bun.spawn([name, ...flags, `http://127.0.0.1:${page.port}/`], { stdout: "ignore", stderr: "ignore" });
  try {
    const frame = manager.checkedIn(1).then(() => manager.send({ targets: [ordinal], cohort: EVERYBODY, commandId: `command-${ordinal}` }));
    const met: unknown = JSON.parse(await outcome.promise);
    const isOpen = (met as { isOpen: boolean }).isOpen;
    return { met, frame: isOpen ? new TextDecoder().decode((await frame).frame) : "" };
  } finally {
    chromium.kill();
    await chromium.exited;
    page.stop(true);
  }
}

test.skipIf(browser === undefined)(
  `a browser${skip(browser !== undefined, "chromium")}`,
  async () => {
    const { met, frame } = await browse(browser ?? "", "({ host }) => `ws://${host}/.well-known/openc2`");
    expect(met).toEqual({ isOpen: true, protocol: "openc2", message: frame, closed: CLOSE.normal, closedTooBig: CLOSE.tooBig });
  },
  60_000,
);

test.skipIf(browser === undefined)(
  `a browser's page of another origin is refused: cross-site WebSocket hijacking${skip(browser !== undefined, "chromium")}`,
  async () => {
    const { met } = await browse(browser ?? "", "({ port }) => `ws://localhost:${port}/.well-known/openc2`");
    expect(met).toEqual({ isOpen: false, protocol: "", closed: 1006 });
    await manager.until(() => manager.of("refused").length > 0);
    expect(manager.of("refused")).toMatchObject([{ reason: "ERR_CHANNEL_HTTP" }]);
  },
  60_000,
);
