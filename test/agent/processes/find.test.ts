/** Which processes a target means: those that match every member that it has (x-iot §2.1, conformance 6). */
import { describe, expect, test } from "bun:test";
import { findProcesses } from "../../../src/agent/processes/find.ts";
import type { ProcessTarget } from "../../../src/openc2/index.ts";
import { Table } from "./table.ts";

const DETAILS = {
  cwd: "/tmp",
  command_line: "/tmp/dvrHelper -q",
  path: "/tmp/dvrHelper",
  md5: "0a".repeat(16),
  sha1: "0b".repeat(20),
  sha256: "0c".repeat(32),
};
const WHOLE: ProcessTarget = {
  pid: 100,
  name: "dvrHelper",
  cwd: "/tmp",
  command_line: "/tmp/dvrHelper -q",
  executable: { name: "dvrHelper", path: "/tmp/dvrHelper", hashes: { md5: DETAILS.md5, sha1: DETAILS.sha1, sha256: DETAILS.sha256 } },
  parent: { pid: 99, name: "telnetd", parent: { pid: 1 } },
};
const table = new Table(
  { pid: 99, name: "telnetd" },
  { pid: 100, parentPid: 99, name: "dvrHelper", details: DETAILS },
  { pid: 101, name: "dvrHelper", details: { ...DETAILS, sha256: "0d".repeat(32), md5: "0d".repeat(16) } },
  { pid: 102, name: "kworker", isKernel: true },
);
const pidsOf = async (target: ProcessTarget) => (await findProcesses(target, table)).matching.map(({ pid }) => pid);

test("a process that matches every member is meant", async () => {
  expect(await pidsOf(WHOLE)).toEqual([100]);
});

describe("a process is not meant when it differs in", () => {
  const { executable } = WHOLE;
  test.each([
    ["its pid", { pid: 7 }],
    ["its name", { name: "dvrhelper" }],
    ["the end of its name", { name: "dvrHelp" }],
    ["its directory", { cwd: "/" }],
    ["its command line", { command_line: "/tmp/dvrHelper" }],
    ["the name of its executable", { executable: { ...executable, name: "helper" } }],
    ["the path of its executable", { executable: { ...executable, path: "/tmp" } }],
    ["one digest of three", { executable: { ...executable, hashes: { ...executable?.hashes, sha1: "ff".repeat(20) } } }],
    ["its parent", { parent: { pid: 98 } }],
    ["its parent's parent", { parent: { pid: 99, parent: { pid: 99 } } }],
    ["having no parent above the first", { parent: { parent: { parent: { pid: 0 } } } }],
  ])("%s", async (_, change) => {
    expect(await pidsOf({ ...WHOLE, ...change })).toEqual([]);
  });
});

test("all that match are meant, and a digest is read in either case", async () => {
  expect(await pidsOf({ name: "dvrHelper" })).toEqual([100, 101]);
  expect(await pidsOf({ executable: { hashes: { sha256: DETAILS.sha256.toUpperCase() } } })).toEqual([100]);
});

test("whether one matches cannot be told: no guess, whatever the others are (x-iot §2.1: 501)", async () => {
  const hidden = new Table({ pid: 100, name: "a", details: DETAILS }, { pid: 101, name: "a", hidden: "sha256" });
  const target = { executable: { hashes: { sha256: DETAILS.sha256 } } };
  await expect(findProcesses(target, hidden)).rejects.toMatchObject({ code: "ERR_AGENT_UNSUPPORTED" });
  // Another member tells that it is not meant: its executable is not even looked at.
  expect((await findProcesses({ ...target, pid: 100 }, hidden)).matching).toHaveLength(1);
});
