/** Reads Prometheus text format 0.0.4 strictly, with the rules that Prometheus and its linter have for names and for order. */
export interface Family {
  readonly type: string;
  readonly help: string;
  /** Labels as they are written -> value. */
  readonly series: ReadonlyMap<string, number>;
}

const HELP = /^# HELP ([a-z_:][a-z0-9_:]*) (\S.*)$/;
const TYPE = /^# TYPE ([a-z_:][a-z0-9_:]*) (counter|gauge)$/;
const SERIES = /^([a-z_:][a-z0-9_:]*)(\{[a-z_]+="(?:[^"\\\n]|\\["\\n])*"\})? (-?[0-9.e+-]+|Nan|\+Inf|-Inf)$/;
const UNITS = /_(seconds|bytes|total|info|channels|opening|backlogged|waiting|behind|parts|silenced|devices|sending|ratio)$/;

export function readTextFormat(text: string): ReadonlyMap<string, Family> {
  if (!text.endsWith("\n")) throw new Error("the last line does not end");
  const families = new Map<string, { type: string; help: string; series: Map<string, number> }>();
  let help: RegExpExecArray | null = null;
  let current = "";
  for (const line of text.split("\n").filter((each) => each !== "")) {
    const type = TYPE.exec(line);
    const series = SERIES.exec(line);
    if (HELP.test(line)) {
      help = HELP.exec(line);
    } else if (type !== null) {
      const [, name = "", kind = ""] = type;
      if (help?.[1] !== name || families.has(name)) throw new Error(`out of order: ${line}`);
      if (!UNITS.test(name) || name.endsWith("_total") !== (kind === "counter")) throw new Error(`a name against the conventions: ${line}`);
      families.set((current = name), { type: kind, help: help[2] ?? "", series: new Map() });
    } else if (series !== null) {
      const [, name = "", labels = "", value = ""] = series;
      const family = families.get(name);
      if (family === undefined || name !== current || family.series.has(labels)) throw new Error(`out of order: ${line}`);
      family.series.set(labels, Number(value));
    } else throw new Error(`not in the format: ${line}`);
  }
  return families;
}
