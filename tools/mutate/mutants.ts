/** All mutants of a source file, each with a name that stays when the lines around it move. Pure but for the parser. */
import { createHash } from "node:crypto";
import { type Node, parseSync, visitorKeys } from "oxc-parser";
import { type Change, changesOf } from "./operators.ts";

export interface Mutant {
  /** Eight hex digits: of the file, the operator, the line and what stands there instead. */
  readonly id: string;
  readonly file: string;
  readonly line: number;
  readonly operator: string;
  /** The line as it was and the piece of it that changes, for people. */
  readonly was: string;
  readonly now: string;
  /** The whole file with the change in it. */
  readonly source: string;
}

/** Throws for a text that does not parse. */
export function mutantsOf(file: string, source: string): readonly Mutant[] {
  const { program, errors } = parseSync(file, source);
  if (errors.length > 0) throw new Error(`${file}: ${errors[0]?.message}`);
  const changes: Change[] = [];
  walk(program, undefined, source, changes);
  const seen = new Map<string, number>();
  return changes.map(({ operator, start, end, text }) => {
    const line = source.slice(0, start).split("\n").length;
    const name = [file, operator, source.split("\n")[line - 1]?.trim(), source.slice(start, end), text].join("\n");
    const nth = seen.get(name) ?? 0;
    seen.set(name, nth + 1);
    return {
      id: createHash("sha256").update(`${name}\n${nth}`).digest("hex").slice(0, 8),
      file,
      line,
      operator,
      was: source.slice(start, end),
      now: text,
      source: source.slice(0, start) + text + source.slice(end),
    };
  });
}

function walk(node: Node, parent: Node | undefined, source: string, changes: Change[]): void {
  if (!isCode(node)) return;
  changes.push(...changesOf(node, parent, source));
  for (const [key, child] of Object.entries(node)) {
    if (!visitorKeys[node.type]?.includes(key)) continue;
    const parts: readonly (Node | null)[] = Array.isArray(child) ? child : [child];
    for (const part of parts) if (part) walk(part, node, source, changes);
  }
}

/** Types are the compiler's affair, and what stands within a text is for people. */
function isCode({ type }: Node): boolean {
  const wrapsCode = ["TSAsExpression", "TSSatisfiesExpression", "TSNonNullExpression"].includes(type);
  return type !== "TemplateLiteral" && (wrapsCode || !type.startsWith("TS"));
}
