/**
 * Processes as Linux tells of them in /proc (proc(5)). Every one of them may end, or become another, between two looks: a file that is
 * gone means that its process is. What says who a process is (executable, directory) is asked of the kernel, not of the process.
 */
import { createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import { open, readdir, readFile, readlink } from "node:fs/promises";
import { basename } from "node:path";
import { AgentError } from "../errors.ts";
import { COMMAND_LINE_BYTES_MAX, EXECUTABLE_BYTES_MAX } from "../limits.ts";
import { FIRST_PID, type Process, type ProcessDetail, type Processes } from "./port.ts";

/** The kernel keeps so many bytes of a name (TASK_COMM_LEN, less the end). */
const COMM_BYTES = 15;
/** PF_KTHREAD in the flags of stat. */
const KERNEL_THREAD = 0x00_20_00_00;
/** What the kernel writes behind the path of a file that was removed: malware removes its own. */
const REMOVED = / \(deleted\)$/;

export class ProcFiles implements Processes {
  readonly ownPid = process.pid;
  /** Digests of files since the last list: fifty processes of one executable are hashed once. */
  readonly #digests = new Map<string, Promise<string>>();

  async list(): Promise<readonly Process[]> {
    this.#digests.clear();
    const names = await readdir("/proc").catch((cause: unknown) => {
      throw new AgentError("ERR_AGENT_UNSUPPORTED", "this system does not tell of its processes", { cause });
    });
    const found: Process[] = [];
    // One after the other: whoever starts thousands of processes does not get as many files opened at once.
    for (const name of names) {
      const each = /^\d+$/.test(name) ? await this.#read(Number(name)) : undefined;
      if (each !== undefined) found.push(each);
    }
    return found;
  }

  async detail(of: Process, what: ProcessDetail): Promise<string | undefined> {
    if (of.isKernel) return undefined;
    const process = `/proc/${of.pid}`;
    const threads = (await readdir(`${process}/task`).catch(() => [])).map((thread) => `${process}/task/${thread}`);
    // The first thread may have ended while others run on: malware looks dead that way. What none of them has, the process has not.
    for (const place of [process, ...threads]) {
      const seen = await this.#look(place, what).catch((cause: unknown) => undefinedIfHidden(cause, of, what));
      if (seen) return seen;
    }
    return undefined;
  }

  end(each: Process, how: "ask" | "force"): void {
    // Looked at and ended without a pause between: this is as close as two system calls come.
    if (!isRunning(each)) return;
    try {
      process.kill(each.pid, how === "ask" ? "SIGTERM" : "SIGKILL");
    } catch {
      // Gone, or another user's. Who still runs is seen afterwards; one that may not be ended must not shield the others.
    }
  }

  async #read(pid: number): Promise<Process | undefined> {
    const stat = parseStat(await readFile(statOf(pid)).catch(undefinedIfGone));
    if (stat === undefined) return undefined;
    const { comm, ...facts } = stat;
    const isCut = new TextEncoder().encode(comm).length >= COMM_BYTES;
    return { pid, name: isCut ? await this.#fullName(`/proc/${pid}`, comm) : comm, ...facts };
  }

  /** The name of its executable or of the command that started it, if the kernel's is the beginning of it. */
  async #fullName(place: string, comm: string): Promise<string> {
    const path = await this.#look(place, "path").catch(() => "");
    const [command = ""] = (await readStart(`${place}/cmdline`).catch(() => "")).split("\0", 1);
    return [path, command].map((each) => basename(each)).find((name) => name.startsWith(comm)) ?? comm;
  }

  async #look(place: string, what: ProcessDetail): Promise<string> {
    switch (what) {
      case "cwd":
        return (await readlink(`${place}/cwd`)).replace(REMOVED, "");
      case "path":
        return (await readlink(`${place}/exe`)).replace(REMOVED, "");
      case "command_line":
        return (await readStart(`${place}/cmdline`)).replace(/\0+$/, "").replaceAll("\0", " ");
      case "md5":
      case "sha1":
      case "sha256":
        return this.#digest(`${place}/exe`, what);
    }
  }

  /** Of the file that runs, though its path may lead to another one by now, or nowhere. */
  async #digest(path: string, algorithm: string): Promise<string> {
    const file = await open(path);
    try {
      const { dev, ino, size, mtimeMs } = await file.stat();
      if (size > EXECUTABLE_BYTES_MAX) throw new AgentError("ERR_AGENT_UNSUPPORTED", `an executable of ${size} bytes is not hashed`);
      const key = [algorithm, dev, ino, size, mtimeMs].join();
      let digest = this.#digests.get(key);
      if (digest === undefined) {
        digest = digestOf(file.createReadStream({ end: EXECUTABLE_BYTES_MAX, autoClose: false }), algorithm);
        this.#digests.set(key, digest);
      }
      return await digest;
    } finally {
      await file.close();
    }
  }
}

async function digestOf(chunks: AsyncIterable<Uint8Array>, algorithm: string): Promise<string> {
  const hash = createHash(algorithm);
  for await (const chunk of chunks) hash.update(chunk);
  return hash.digest("hex");
}

/** Read without a pause, for what is done in the same breath. */
function isRunning({ pid, startedAt }: Process): boolean {
  try {
    return parseStat(readFileSync(statOf(pid)))?.startedAt === startedAt;
  } catch (error) {
    undefinedIfGone(error);
    return false;
  }
}

/** Nobody may guess what somebody else's process runs. */
function undefinedIfHidden(cause: unknown, { pid }: Process, what: ProcessDetail): undefined {
  // In a container nobody may look at the first process. It is never stopped: what it runs need not be known for that.
  if (isGone(cause) || pid === FIRST_PID) return;
  if (cause instanceof AgentError) throw cause;
  throw new AgentError("ERR_AGENT_UNSUPPORTED", `the ${what} of process ${pid} cannot be seen`, { cause });
}

function statOf(pid: number): string {
  return `/proc/${pid}/stat`;
}

/** What cannot be read for another reason than that it is gone must not look as if nothing ran. */
function undefinedIfGone(cause: unknown): undefined {
  if (!isGone(cause)) throw new AgentError("ERR_AGENT_PROCESS", "processes cannot be looked at", { cause });
}

function isGone(cause: unknown): boolean {
  const { code = "" } = cause as { readonly code?: string };
  return code === "ENOENT" || code === "ESRCH";
}

/** The name stands in parentheses and may hold some itself; what follows the last of them is in fixed order (proc_pid_stat(5)). */
function parseStat(bytes: Uint8Array | undefined): (Omit<Process, "pid" | "name"> & { readonly comm: string }) | undefined {
  const text = new TextDecoder().decode(bytes);
  const [start, end] = [text.indexOf("("), text.lastIndexOf(")")];
  const fields = text.slice(end + 2).split(" ");
  const [state, parentPid] = fields;
  const [flags, threads, startedAt] = [Number(fields[6]), Number(fields[17]), fields[19]];
  if (startedAt === undefined) return undefined;
  // A first thread that has ended is shown as a zombie while others of its process run on.
  if (/[ZXx]/.test(state ?? "") && threads < 2) return undefined;
  return { comm: text.slice(start + 1, end), parentPid: Number(parentPid), startedAt, isKernel: (flags & KERNEL_THREAD) !== 0 };
}

/** As much of it as a command could name. */
async function readStart(path: string): Promise<string> {
  const file = await open(path);
  try {
    const { buffer, bytesRead } = await file.read(new Uint8Array(COMMAND_LINE_BYTES_MAX), 0, COMMAND_LINE_BYTES_MAX);
    return new TextDecoder().decode(buffer.subarray(0, bytesRead));
  } finally {
    await file.close();
  }
}
