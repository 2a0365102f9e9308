/**
 * A file of devices, read in blocks of whole lines: never the whole file in memory, and each block says where it ends, so that whoever
 * has kept one can go on after it. The reader checks what only bytes show: UTF-8, NUL, lines without an end.
 */
import { closeSync, openSync, readSync } from "node:fs";
import type { DeviceFacts } from "../device.ts";
import { IMPORT_BLOCK_BYTES } from "../limits.ts";
import { DeviceReader, type ImportFormat } from "./reader.ts";
import { wrong } from "./row.ts";

/** Where to go on: everything before it has been read. */
export interface Position {
  /** bytes */
  readonly offset: number;
  readonly lines: number;
}

export interface Block {
  readonly devices: readonly DeviceFacts[];
  readonly end: Position;
}

export interface ReadOptions {
  /** With a tenant, another's devices are refused. */
  readonly tenant?: string;
  /** Default: from the start. */
  readonly from?: Position;
}

export const START: Position = { offset: 0, lines: 0 };
const NEWLINE = 10;
const BOM = "\uFEFF";

/** Throws ERR_FLEET_IMPORT_COLUMN or ERR_FLEET_IMPORT_ROW with the line's number (from 1). */
export function* readBlocks(path: string, format: ImportFormat, { tenant, from = START }: ReadOptions = {}): Iterable<Block> {
  const file = openSync(path, "r");
  try {
    const reader = new DeviceReader(format, tenant);
    // The header of a CSV file is needed wherever one goes on.
    if (format === "csv" && from.offset > 0) readHeader(file, reader);
    for (let at = from; ; ) {
      const bytes = wholeLines(file, at);
      if (bytes.length === 0) return;
      const block = readBlock(bytes, reader, at);
      yield block;
      at = block.end;
    }
  } finally {
    closeSync(file);
  }
}

function readBlock(bytes: Uint8Array, reader: DeviceReader, at: Position): Block {
  const text = decode(bytes, at.lines);
  const lines = (at.offset === 0 && text.startsWith(BOM) ? text.slice(BOM.length) : text).split("\n");
  // What follows the last line's end is not a line.
  if (lines.at(-1) === "") lines.pop();
  const devices: DeviceFacts[] = [];
  for (const [index, line] of lines.entries()) {
    const number = at.lines + index + 1;
    if (line.includes("\0")) throw wrong(number, "it holds NUL: this is no text, or it is UTF-16");
    const facts = reader.read(line, number);
    if (facts !== undefined) devices.push(facts);
  }
  return { devices, end: { offset: at.offset + bytes.length, lines: at.lines + lines.length } };
}

/** As many whole lines as fit; the rest of the file when it ends without a line's end. */
function wholeLines(file: number, { offset, lines }: Position): Uint8Array {
  const bytes = new Uint8Array(IMPORT_BLOCK_BYTES);
  const length = readSync(file, bytes, 0, IMPORT_BLOCK_BYTES, offset);
  if (length < IMPORT_BLOCK_BYTES) return bytes.subarray(0, length);
  const end = bytes.lastIndexOf(NEWLINE);
  if (end < 0) throw wrong(lines + 1, `it is longer than ${IMPORT_BLOCK_BYTES} bytes`);
  return bytes.subarray(0, end + 1);
}

function readHeader(file: number, reader: DeviceReader): void {
  const text = decode(wholeLines(file, START), 0).replace(BOM, "");
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "") continue;
    reader.read(line, index + 1);
    return;
  }
}

/** BOMs stay, so that positions in text are positions in the file. */
const decoder = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true });

function decode(bytes: Uint8Array, linesBefore: number): string {
  try {
    return decoder.decode(bytes);
  } catch {
    throw wrong(linesBefore + badLine(bytes), "it is not UTF-8");
  }
}

/** Which line of the block (from 1) cannot be decoded. */
function badLine(bytes: Uint8Array): number {
  let line = 1;
  for (let start = 0; start < bytes.length; line += 1) {
    const end = bytes.indexOf(NEWLINE, start);
    const stop = end < 0 ? bytes.length : end;
    try {
      decoder.decode(bytes.subarray(start, stop));
    } catch {
      return line;
    }
    start = stop + 1;
  }
  return line;
}
