/**
 * Writes the JIDL text of each profile from its JADN, for people (JADN v1.0 §5.1); a test tells whether the texts are current. It
 * knows the options that our profiles use, and stops at any other.
 */
import { Glob } from "bun";
import { join } from "node:path";

type Field = readonly [id: number, name: string, type: string, options: readonly string[], description: string];
type Item = readonly [id: number, value: string, description: string];
type Type = readonly [name: string, base: string, options: readonly string[], description: string, content?: readonly (Field | Item)[]];
export interface Jadn {
  readonly info: { readonly package: string; readonly version: string; readonly title: string; readonly exports: readonly string[] };
  readonly types: readonly Type[];
}

export const PROFILE_DOCUMENTS = join(import.meta.dir, "../docs/profiles");

export function jidl({ info, types }: Jadn): string {
  const head = [
    `     title: "${info.title}"`,
    `   package: "${info.package}"`,
    `   version: "${info.version}"`,
    `   exports: [${info.exports.map((name) => `"${name}"`).join(", ")}]`,
  ];
  return `${[head.join("\n"), ...types.map(typeText)].join("\n\n")}\n`;
}

/** For the tests and the reader: the fields of a structure, or none. */
export function fieldsOf([, base, , , content = []]: Type): readonly Field[] {
  return base === "Enumerated" ? [] : (content as readonly Field[]);
}

function typeText(type: Type): string {
  const [name, base, options, description, content = []] = type;
  const lines = content.map((line) =>
    line.length === 3
      ? withComment(`  ${line[0]} ${line[1]}`, line[2])
      : withComment(`  ${String(line[0]).padEnd(4)} ${line[1].padEnd(16)} ${line[2]}${line[3].map(fieldOption).join("")}`, line[4]),
  );
  return [withComment(`${name} = ${base}${typeOptions(options)}`, description), ...lines].join("\n");
}

function withComment(text: string, comment: string): string {
  return comment === "" ? text : `${text.padEnd(44)} // ${comment}`;
}

function fieldOption(option: string): string {
  if (option !== "[0") throw new Error(`no JIDL for the field option ${option}`);
  return " optional";
}

function typeOptions(options: readonly string[]): string {
  const of = (sign: string) => options.find((option) => option.startsWith(sign))?.slice(1);
  const known = options.filter((option) => !/^[*{}%/q]/.test(option));
  if (known.length > 0) throw new Error(`no JIDL for the type options ${known.join(" ")}`);
  const [item, least, most, pattern, format] = ["*", "{", "}", "%", "/"].map(of);
  const size = least === undefined && most === undefined ? "" : `{${least ?? "0"}..${most ?? "*"}}`;
  const parts = [
    item === undefined ? "" : `(${item})`,
    size,
    pattern === undefined ? "" : ` (%${pattern}%)`,
    format === undefined ? "" : ` /${format}`,
    options.includes("q") ? " unique" : "",
  ];
  return parts.join("");
}

/** Folder of each published profile -> its JADN. */
export async function publishedProfiles(): Promise<ReadonlyMap<string, Jadn>> {
  const names = await Array.fromAsync(new Glob("*/*.jadn").scan({ cwd: PROFILE_DOCUMENTS }));
  const read = async (name: string) => [name.split("/")[0] ?? "", (await Bun.file(join(PROFILE_DOCUMENTS, name)).json()) as Jadn] as const;
  return new Map(await Promise.all(names.sort().map(read)));
}

if (import.meta.main) {
  for (const [nsid, jadn] of await publishedProfiles()) await Bun.write(join(PROFILE_DOCUMENTS, nsid, `${nsid}.jidl`), jidl(jadn));
}
