/** Messages in words, for people who try one implementation against another. */
import type { Dialect, ReadMessage, Serialisation } from "../../openc2/index.ts";
import type { Fault } from "./verdict.ts";

const DIALECT_NAMES: Readonly<Record<Dialect, string>> = {
  D1: "D1 (LS 1.0, bare)",
  D2: "D2 (LS 1.0 in the envelope of HTTPS v1.1)",
  D3: "D3 (draft of LS 2.0)",
};

export function nameOfForm(dialect: Dialect | undefined, serialisation: Serialisation): string {
  const bytes = serialisation === "cbor" ? "CBOR" : "JSON";
  return dialect === undefined ? bytes : `${DIALECT_NAMES[dialect]}, ${bytes}`;
}

/** Without what a terminal would obey or hide: control characters, changes of direction, odd line ends; line feeds stay. */
export function printable(text: string): string {
  return text.replaceAll(/(?!\n)[\p{C}\p{Zl}\p{Zp}]/gu, (character) => `\\u{${(character.codePointAt(0) ?? 0).toString(16)}}`);
}

/** One line: what is asked for, or what came of it. */
export function summaryOf(message: ReadMessage): string {
  if (message.kind === "response") {
    const { status, status_text: text, results } = message.response;
    const parts = [`${status}`, text, results && `results: ${Object.keys(results).join(", ")}`];
    return printable(parts.filter((part) => part !== undefined).join("; "));
  }
  const { action, target, args, command_id: id } = message.command;
  const parts = [`${action} ${Object.keys(target).join()}`, `answer: ${args?.response_requested ?? "complete"}`];
  if (args?.start_time !== undefined) parts.push(`starts ${timeOf(args.start_time)}`);
  if (id !== undefined) parts.push(`command_id ${id}`);
  return printable(parts.join("; "));
}

export function linesOf(file: string, { line, column, offset, path, message, code, status, clause, help }: Fault): readonly string[] {
  const place = line !== undefined ? `:${line}:${column}` : offset !== undefined ? ` byte ${offset}` : "";
  return [
    `${file}${place}${path === undefined ? "" : ` ${path}`}`,
    `    ${message}`,
    `    ${code}, status ${status}${clause === undefined ? "" : `, ${clause}`}. ${help}`,
  ];
}

/** Beyond what a Date can hold, the number itself. */
function timeOf(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? `${ms}` : date.toISOString();
}
