/** Processes as Linux tells of them, with real ones: who they are, what cannot be told, and which one is left alone. */
import { afterAll, describe, expect, test } from "bun:test";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, realpathSync, rmSync } from "node:fs";
import { COMMAND_LINE_BYTES_MAX, EXECUTABLE_BYTES_MAX } from "../../../src/agent/limits.ts";
import type { Process } from "../../../src/agent/processes/port.ts";
import { ProcFiles } from "../../../src/agent/processes/proc-files.ts";
import { Children, hasProc, skipReason } from "./children.ts";

const PYTHON = "/usr/bin/python3";
const hasPython = existsSync(PYTHON);
const children = new Children();
afterAll(() => children.end());

const processes = new ProcFiles();
async function found(pid: number): Promise<Process> {
  const each = (await processes.list()).find((process) => process.pid === pid);
  if (each === undefined) throw new Error(`process ${pid} is not there`);
  return each;
}
/** Bounded: what becomes so does it within a moment, or never. */
async function until(isSo: () => boolean | Promise<boolean>): Promise<void> {
  for (let look = 0; look < 500; look += 1) {
    if (await isSo()) return;
    await Bun.sleep(10);
  }
  throw new Error(`waited for: ${isSo.toString()}`);
}

describe.skipIf(!hasProc)(`a process${skipReason}`, () => {
  test("is told with its name, its parent, and what it runs", async () => {
    const path = children.executable("dvrHelper");
    const each = await found(await children.start(path, ["600", "601"], { cwd: children.directory }));
    expect(each).toMatchObject({ name: "dvrHelper", parentPid: process.pid, isKernel: false });
    expect(await processes.detail(each, "path")).toBe(path);
    expect(await processes.detail(each, "cwd")).toBe(children.directory);
    expect(await processes.detail(each, "command_line")).toBe(`${path} 600 601`);
    for (const algorithm of ["md5", "sha1", "sha256"] as const)
      expect(await processes.detail(each, algorithm)).toBe(createHash(algorithm).update(readFileSync(path)).digest("hex"));
  });

  test.each(["exactly15bytes_", "a-name-of-more-than-15", "with ) R (a trick", "two\nlines"])(
    "has its whole name, such as %j",
    async (name) => {
      expect((await found(await children.start(children.executable(name)))).name).toBe(name);
    },
  );

  test("that has removed its executable is known by it all the same", async () => {
    const path = children.executable("removed");
    const digest = createHash("sha256").update(readFileSync(path)).digest("hex");
    const pid = await children.start(path);
    rmSync(path);
    const each = await found(pid);
    expect(await processes.detail(each, "path")).toBe(path);
    expect(await processes.detail(each, "sha256")).toBe(digest);
  });

  test("with an executable that is too large to hash cannot be told by it, which is not the same as being another", async () => {
    const each = await found(await children.start(children.executable("largest", { size: EXECUTABLE_BYTES_MAX })));
    expect(await processes.detail(each, "md5")).toHaveLength(32);
    const larger = await found(await children.start(children.executable("larger", { size: EXECUTABLE_BYTES_MAX + 1 })));
    await expect(processes.detail(larger, "sha256")).rejects.toMatchObject({ code: "ERR_AGENT_UNSUPPORTED" });
  });

  test("with a command line that no command could name is read no further than that", async () => {
    const each = await found(await children.start(children.executable("talkative"), ["600", "0".repeat(2 * COMMAND_LINE_BYTES_MAX)]));
    expect(await processes.detail(each, "command_line")).toHaveLength(COMMAND_LINE_BYTES_MAX);
  });

  test("that has ended has no details, and ending it again is nothing", async () => {
    const pid = await children.start(children.executable("short-lived"));
    const each = await found(pid);
    processes.end(each, "ask");
    await until(() => !children.isRunning(pid));
    expect(await processes.detail(each, "sha256")).toBeUndefined();
    processes.end(each, "force");
    expect((await processes.list()).some((process) => process.pid === pid)).toBe(false);
  });

  test.skipIf(!hasPython)(
    `whose first thread has ended runs on, and is known by the others${hasPython ? "" : " (skipped: no python3)"}`,
    async () => {
      const script =
        "import ctypes, threading, time; threading.Thread(target=time.sleep, args=(600,)).start(); ctypes.CDLL(None).pthread_exit(0)";
      const pid = await children.start(PYTHON, ["-c", script]);
      await until(() => readFileSync(`/proc/${pid}/stat`, "latin1").includes(") Z "));
      const each = await found(pid);
      expect(await processes.detail(each, "path")).toBe(realpathSync(PYTHON));
      expect(await processes.detail(each, "sha256")).toBe(createHash("sha256").update(readFileSync(PYTHON)).digest("hex"));
      expect(await processes.detail(each, "command_line")).toContain("pthread_exit");
      processes.end(each, "ask");
      await until(async () => !(await processes.list()).some((process) => process.pid === pid));
    },
  );

  test("that nobody has buried has ended", async () => {
    const pid = await children.start("/bin/sh", ["-c", "sleep 0 & exec sleep 600"]);
    const buried = async () => (await processes.list()).filter(({ parentPid }) => parentPid === pid);
    await until(async () => (await buried()).length === 0);
  });

  test("is left alone when its pid was that of another (a pid that is used again)", async () => {
    const pid = await children.start(children.executable("innocent"));
    const each = await found(pid);
    processes.end({ ...each, startedAt: String(Number(each.startedAt) - 1) }, "force");
    processes.end({ ...each, startedAt: "" }, "ask");
    await Bun.sleep(50);
    expect(children.isRunning(pid)).toBe(true);
  });
});

describe.skipIf(!hasProc)(`of the machine itself${skipReason}`, () => {
  test("the first process, this one, and the kernel's are told as what they are", async () => {
    const all = await processes.list();
    expect(all.find(({ pid }) => pid === 1)).toMatchObject({ parentPid: 0, isKernel: false });
    expect(all.some(({ pid }) => pid === processes.ownPid)).toBe(true);
    const kernel = all.find(({ isKernel }) => isKernel);
    // In a container there are none.
    if (kernel !== undefined) expect(await processes.detail(kernel, "path")).toBeUndefined();
  });
});
