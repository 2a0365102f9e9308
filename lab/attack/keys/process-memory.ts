/**
 * What a process holds in memory, as a core dump would: every page that is really there and that the process may have written. Linux only;
 * one must be its parent, or root. The process is halted while it is read.
 */
import { closeSync, existsSync, openSync, readFileSync, readSync } from "node:fs";
import { NEEDLE_BYTES_MAX } from "./needles.ts";

const PAGE_BYTES = 4_096;
/** What is read at once. */
const PART_BYTES = 16 * 1024 * 1024;
/** A word of /proc/PID/pagemap for each page; the upper half's highest bits say that it is in memory, or in swap. */
const PAGEMAP_WORD_BYTES = 8;
const IS_THERE = 0xc0_00_00_00;

export const canReadMemory = existsSync("/proc/self/pagemap");

/** One part after the other; neighbours overlap by less than a needle. Throws what the kernel says to those who may not look. */
export function* memoryOf(pid: number): Generator<Uint8Array> {
  const memory = openSync(`/proc/${pid}/mem`, "r");
  const pagemap = openSync(`/proc/${pid}/pagemap`, "r");
  process.kill(pid, "SIGSTOP");
  try {
    for (const { from, to } of writtenRanges(pid)) {
      for (const run of runsThere(pagemap, from, to)) yield* readRun(memory, run.from, run.to);
    }
  } finally {
    process.kill(pid, "SIGCONT");
    closeSync(memory);
    closeSync(pagemap);
  }
}

interface Range {
  readonly from: number;
  readonly to: number;
}

/** From /proc/PID/smaps: a line of its own for each range, then its figures. Ranges of which nothing is there are left out. */
function writtenRanges(pid: number): readonly Range[] {
  const ranges: Range[] = [];
  let range: Range | undefined;
  for (const line of readFileSync(`/proc/${pid}/smaps`, "utf8").split("\n")) {
    const head = /^([0-9a-f]+)-([0-9a-f]+) (\S+) /.exec(line);
    if (head !== null) range = head[3]?.startsWith("rw") ? { from: hex(head[1]), to: hex(head[2]) } : undefined;
    const there = /^(?:Rss|Swap): +(\d+) kB/.exec(line);
    if (range === undefined || there === null || there[1] === "0") continue;
    ranges.push(range);
    range = undefined;
  }
  return ranges;
}

/** Runtimes reserve far more than they use: only pages that are there are read. */
function* runsThere(pagemap: number, from: number, to: number): Generator<Range> {
  const words = new Uint8Array(PAGEMAP_WORD_BYTES * PAGE_BYTES);
  const view = new DataView(words.buffer);
  let start: number | undefined;
  for (let at = from; at < to; at += (words.length / PAGEMAP_WORD_BYTES) * PAGE_BYTES) {
    const bytes = readSync(pagemap, words, 0, words.length, (at / PAGE_BYTES) * PAGEMAP_WORD_BYTES);
    for (let offset = 0; offset < bytes; offset += PAGEMAP_WORD_BYTES) {
      const page = at + (offset / PAGEMAP_WORD_BYTES) * PAGE_BYTES;
      if (page >= to) break;
      const isThere = (view.getUint32(offset + 4, true) & IS_THERE) !== 0;
      if (isThere) start ??= page;
      if (isThere || start === undefined) continue;
      yield { from: start, to: page };
      start = undefined;
    }
  }
  if (start !== undefined) yield { from: start, to };
}

function* readRun(memory: number, from: number, to: number): Generator<Uint8Array> {
  const part = new Uint8Array(Math.min(PART_BYTES, to - from));
  for (let at = from; at < to; at += part.length - (NEEDLE_BYTES_MAX - 1)) {
    const bytes = readSync(memory, part, 0, Math.min(part.length, to - at), at);
    yield part.subarray(0, bytes);
    if (at + bytes >= to) return;
  }
}

function hex(text = ""): number {
  return Number.parseInt(text, 16);
}
