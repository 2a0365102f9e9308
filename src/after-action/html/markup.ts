/**
 * The only way from text to HTML in this room: a template that escapes everything put into it, unless it is itself made by the template.
 * Device ids and reasons are hostile input; forgetting to escape them is impossible rather than forbidden. Pure.
 */
import { quoted } from "../quoted.ts";

/** HTML that was made by `html` below, and so is safe to put into a page. */
export class Markup {
  readonly text: string;

  constructor(text: string) {
    this.text = text;
  }
}

export type Content = string | number | Markup | readonly Markup[] | undefined;

/** Attribute values must stand in double quotes in the template. Undefined and empty lists are nothing. */
export function html(parts: TemplateStringsArray, ...contents: readonly Content[]): Markup {
  return new Markup(parts.map((part, index) => part + textOf(contents[index])).join(""));
}

const ENTITIES: { readonly [character: string]: string } = { "&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;", "'": "&#39;" };

function textOf(content: Content): string {
  if (content === undefined) return "";
  if (content instanceof Markup) return content.text;
  if (typeof content === "object") return content.map((markup) => markup.text).join("");
  // Controls and direction marks cannot break out of HTML, but they can make one name look like another.
  return quoted(String(content), Infinity).replace(/[&<>"']/g, (character) => ENTITIES[character] ?? "");
}
