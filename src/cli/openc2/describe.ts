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

/** One line: what is asked for, or what came of it. */
export function summaryOf(message: ReadMessage): string {
  if (message.kind === "response") {
    const { status, status_text: text, results } = message.response;
    return [`${status}`, text, results && `results: ${Object.keys(results).join(", ")}`].filter((part) => part !== undefined).join("; ");
  }
  const { action, target, args, command_id: id } = message.command;
  const parts = [`${action} ${Object.keys(target).join()}`, `answer: ${args?.response_requested ?? "complete"}`];
  if (args?.start_time !== undefined) parts.push(`starts ${new Date(args.start_time).toISOString()}`);
  if (id !== undefined) parts.push(`command_id ${id}`);
  return parts.join("; ");
}

export function linesOf(file: string, { line, column, offset, path, message, code, status, clause, help }: Fault): readonly string[] {
  const place = line !== undefined ? `:${line}:${column}` : offset !== undefined ? ` byte ${offset}` : "";
  return [
    `${file}${place}${path === undefined ? "" : ` ${path}`}`,
    `    ${message}`,
    `    ${code}, status ${status}${clause === undefined ? "" : `, ${clause}`}. ${help}`,
  ];
}
