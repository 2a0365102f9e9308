/** Stopping every process that is meant, or none: who is spared, who is ended by force, and what is no success. */
import { afterAll, describe, expect, test } from "bun:test";
import { STOP_ROUNDS_MAX } from "../../../src/agent/limits.ts";
import type { Processes } from "../../../src/agent/processes/port.ts";
import { ProcFiles } from "../../../src/agent/processes/proc-files.ts";
import { stopProcesses } from "../../../src/agent/processes/stop.ts";
import type { ProcessTarget } from "../../../src/openc2/index.ts";
import { Children, hasProc, skipReason } from "./children.ts";
import { Table } from "./table.ts";

const forever = new AbortController().signal;
const config = { protectedExecutables: ["/sbin/dhcpcd"] };
const stop = (target: ProcessTarget, processes: Processes, graceMs = 0) => stopProcesses(target, graceMs, { processes, config }, forever);

describe("what is meant", () => {
  test("is asked, and stopped when it ends", async () => {
    const table = new Table({ pid: 100, name: "a" }, { pid: 101, name: "b" }, { pid: 102, name: "a" });
    expect(await stop({ name: "a" }, table)).toBe(2);
    expect(table.ended).toEqual(["ask 100", "ask 102"]);
  });

  test("is ended by force when its time is over, and what ended before is not", async () => {
    const table = new Table({ pid: 100, name: "a", manner: "deaf" }, { pid: 101, name: "a" });
    expect(await stop({ name: "a" }, table, 30)).toBe(2);
    expect(table.ended).toEqual(["ask 100", "ask 101", "force 100"]);
  });

  test("may be nothing: what was wanted is so", async () => {
    expect(await stop({ name: "a" }, new Table())).toBe(0);
  });

  test(`comes back, and is no success after ${STOP_ROUNDS_MAX} rounds`, async () => {
    const table = new Table({ pid: 100, name: "a", manner: "restarted" });
    await expect(stop({ name: "a" }, table)).rejects.toMatchObject({ code: "ERR_AGENT_PROCESS", facts: { status: 500 } });
    expect(table.ended).toHaveLength(STOP_ROUNDS_MAX);
  });

  test("hangs in the kernel, and is no success", async () => {
    const table = new Table({ pid: 100, name: "a", manner: "undying" });
    await expect(stop({ name: "a" }, table)).rejects.toMatchObject({ code: "ERR_AGENT_PROCESS" });
    expect(table.ended).toEqual(["ask 100", "force 100"]);
  }, 30_000);

  test("is not waited for when the device is switched off", async () => {
    const table = new Table({ pid: 100, name: "a", manner: "deaf" });
    const ports = { processes: table, config };
    await expect(stopProcesses({ name: "a" }, 600_000, ports, AbortSignal.timeout(30))).rejects.toMatchObject({ name: "TimeoutError" });
  });
});

describe("attack: a stop that takes the device's commands from it is refused, and nothing is stopped, when it means", () => {
  const others = [
    { pid: 100, name: "edict" },
    { pid: 101, name: "init" },
    { pid: 102, name: "supervisor" },
  ] as const;
  test.each([
    ["the agent itself, beside others", { name: "edict" }, {}],
    ["what started the agent", { name: "supervisor" }, {}],
    ["the first process", { name: "init" }, {}],
    ["the first process by its pid", { pid: 1 }, {}],
    ["a thread of the kernel", { name: "kthreadd" }, { pid: 2, name: "kthreadd", isKernel: true }],
    ["what the device has its network by", { name: "x" }, { pid: 103, name: "x", details: { path: "/sbin/dhcpcd" } }],
    ["something of which that cannot be told", { name: "x" }, { pid: 103, name: "x", hidden: "path" }],
  ] as const)("%s", async (_, target, row) => {
    const table = new Table(...others, ...("pid" in row ? [row] : []));
    const code = "hidden" in row ? "ERR_AGENT_UNSUPPORTED" : "ERR_AGENT_PROTECTED";
    await expect(stop(target, table)).rejects.toMatchObject({ code });
    expect(table.ended).toEqual([]);
  });

  test("a name like the agent's protects nobody", async () => {
    expect(await stop({ pid: 100 }, new Table(...others))).toBe(1);
  });
});

describe.skipIf(!hasProc)(`real processes${skipReason}`, () => {
  const children = new Children();
  afterAll(() => children.end());
  const processes = new ProcFiles();

  test("end, and one of another name with the same executable, or of the same name with another, does not", async () => {
    const malware = children.executable("dvrHelper");
    const meant = [await children.start(malware), await children.start(malware)];
    const twin = await children.start(children.executable("watchdog", { of: malware }));
    const [each] = (await processes.list()).filter(({ pid }) => pid === meant[0]);
    const sha256 = each && (await processes.detail(each, "sha256"));
    if (sha256 === undefined) throw new Error("it has no digest");
    expect(await stop({ name: "dvrHelper", executable: { hashes: { sha256 } } }, processes)).toBe(2);
    expect(meant.map((pid) => children.isRunning(pid))).toEqual([false, false]);
    expect(children.isRunning(twin)).toBe(true);
  });

  test("one that does not listen is ended by force after its time", async () => {
    const shell = children.executable("stubborn", { of: "/bin/sh" });
    const pid = await children.start(shell, ["-c", 'trap "" TERM; while :; do sleep 1 & wait; done']);
    expect(await stop({ name: "stubborn", executable: { path: shell } }, processes, 100)).toBe(1);
    expect(children.isRunning(pid)).toBe(false);
  });

  test("attack: the test itself, by its pid, stays", async () => {
    await expect(stop({ pid: process.pid }, processes)).rejects.toMatchObject({ code: "ERR_AGENT_PROTECTED" });
  });
});
