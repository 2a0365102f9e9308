/**
 * The ways in which a piece of code is broken on purpose: what a tired reviewer might let through. A condition that is always or
 * never so, a boundary off by one, a statement that is not there. Texts are left alone: messages are for people, and codes are
 * compared with docs/errors.md.
 */
import type {
  Argument,
  BinaryExpression,
  CallExpression,
  Expression,
  LogicalExpression,
  Node,
  PrivateInExpression,
  Span,
} from "oxc-parser";

/** What stands at this place of a source text instead. */
export interface Change extends Span {
  readonly operator: string;
  readonly text: string;
}

const BINARY: { readonly [operator: string]: string } = {
  "<": "<=",
  "<=": "<",
  ">": ">=",
  ">=": ">",
  "===": "!==",
  "!==": "===",
  "+": "-",
  "-": "+",
  "*": "/",
  "/": "*",
  "%": "*",
  "&": "|",
  "|": "&",
  ">>": "<<",
};

const RENAMED: { readonly [method: string]: string } = {
  every: "some",
  some: "every",
  max: "min",
  min: "max",
  ceil: "floor",
  floor: "ceil",
  find: "findLast",
  findLast: "find",
  startsWith: "endsWith",
};

/** Calls in a chain that can be left out. */
const DROPPED = new Set(["filter", "slice", "subarray", "toSorted", "sort", "trim", "catch"]);

/** Longer lists are tables of data, in which one row says what the others do. */
const ELEMENTS_MAX = 8;

export function changesOf(node: Node, parent: Node | undefined, source: string): readonly Change[] {
  const at = (part: Span) => source.slice(part.start, part.end);
  const change = (operator: string, { start, end }: Span, text: string): Change => ({ operator, start, end, text });
  switch (node.type) {
    case "IfStatement":
    case "ConditionalExpression":
      return [change("condition", node.test, "true"), change("condition", node.test, "false")];
    case "WhileStatement":
      return [change("condition", node.test, "false")];
    case "LogicalExpression":
      return logical(node, at).map((text) => change("logic", node, text));
    case "BinaryExpression":
      return binary(node, parent, at).map((text) => change("boundary", node, text));
    case "UnaryExpression":
      return ["!", "-"].includes(node.operator) ? [change("sign", node, `(${at(node.argument)})`)] : [];
    case "Literal":
      return isPaddingOfIndex(node, parent) ? [] : literal(node.value, at(node)).map((text) => change("literal", node, text));
    case "ArrayExpression":
      return lists(node.elements).map((rest) => change("element", node, `[${rest.map(at).join(", ")}]`));
    case "CallExpression":
      return calls(node, at).map((text) => change("call", node, text));
    case "SwitchCase":
      return at(node).includes("satisfies never") ? [] : [change("case", node, "")];
    case "ExpressionStatement":
      return isSuper(node.expression) ? [] : [change("statement", node, ";")];
    case "ThrowStatement":
      // Under an `if` it is the condition that is never so.
      return isOnlyOfIf(parent) ? [] : [change("statement", node, ";")];
    case "FunctionDeclaration":
    case "FunctionExpression":
      return /^:\s*(void|Promise<void>)$/.test(node.returnType ? at(node.returnType) : "") && (node.body?.body.length ?? 0) > 1
        ? [change("body", node.body ?? node, "{}")]
        : [];
    default:
      return [];
  }
}

function logical({ left, right, operator }: LogicalExpression, at: (part: Span) => string): readonly string[] {
  if (operator === "??") return isPadding(right) ? [`(${at(right)})`] : [`(${at(left)})`, `(${at(right)})`];
  return [`(${at(left)})`, `(${at(right)})`, `(${at(left)} ${operator === "&&" ? "||" : "&&"} ${at(right)})`];
}

/** `?? 0` behind an index: for the compiler, who does not know that there is something. */
function isPadding(node: Expression): boolean {
  if (node.type === "Literal") return [0, 0n, ""].includes(node.value as number);
  return (node.type === "ArrayExpression" && node.elements.length === 0) || (node.type === "NewExpression" && node.arguments.length === 0);
}

/** Then nobody sees its value either. */
function isPaddingOfIndex(node: Node, parent: Node | undefined): boolean {
  if (parent?.type !== "LogicalExpression" || parent.operator !== "??" || parent.right !== node) return false;
  return isPadding(parent.right) && parent.left.type === "MemberExpression" && parent.left.computed;
}

function binary(
  { left, right, operator }: BinaryExpression | PrivateInExpression,
  parent: Node | undefined,
  at: (part: Span) => string,
): readonly string[] {
  const other = BINARY[operator];
  const isEquality = operator === "===" || operator === "!==";
  // A whole condition is made true and false already; a text has no minus.
  if (other === undefined || (isEquality && parent?.type === "IfStatement") || isText(left) || isText(right)) return [];
  return [`(${at(left)} ${other} ${at(right)})`];
}

function isText(node: Node): boolean {
  return node.type === "TemplateLiteral";
}

function literal(value: unknown, text: string): readonly string[] {
  if (typeof value === "number") return [String(value + 1)];
  if (typeof value === "boolean") return [String(!value)];
  if (!(value instanceof RegExp)) return [];
  return [text.replace(/^\/\^/, "/"), text.replace(/\$(\/[a-z]*)$/, "$1")].filter((changed) => changed !== text);
}

function lists<T>(elements: readonly (T | null)[]): readonly (readonly T[])[] {
  const given = elements.filter((element) => element !== null);
  return given.length > ELEMENTS_MAX ? [] : given.map((_, index) => given.toSpliced(index, 1));
}

function calls({ callee, arguments: given }: CallExpression, at: (part: Span) => string): readonly string[] {
  if (callee.type !== "MemberExpression" || callee.property.type !== "Identifier") return [];
  const { name } = callee.property;
  const list = given.map((argument: Argument) => at(argument)).join(", ");
  if (name === "freeze") return [`(${list})`];
  if (DROPPED.has(name)) return [at(callee.object)];
  return Object.hasOwn(RENAMED, name) ? [`${at(callee.object)}${callee.optional ? "?" : ""}.${RENAMED[name]}(${list})`] : [];
}

function isSuper(node: Expression): boolean {
  return node.type === "CallExpression" && node.callee.type === "Super";
}

function isOnlyOfIf(parent: Node | undefined): boolean {
  return parent?.type === "IfStatement" || (parent?.type === "BlockStatement" && parent.body.length === 1);
}
