/** A bench at growing sizes, each in a process of its own, so that none finds what the one before it left in memory. */
import { parseArgs } from "node:util";
import { machine } from "./machine.ts";

interface Sizes<Measured> {
  readonly bench: string;
  /** --devices, unless somebody says others: numbers with commas between. */
  readonly sizes: string;
  readonly aims: object;
  readonly measure: (devices: number) => Promise<Measured>;
  /** What is said beside the figures of all sizes. */
  readonly judge: (figures: readonly Measured[]) => { readonly ok: boolean };
}

/** Prints one JSON object: that of all sizes, or with `--one DEVICES` the figures of that size, measured here. */
export async function benchBySize<Measured>({ bench, sizes, aims, measure, judge }: Sizes<Measured>): Promise<void> {
  const { values } = parseArgs({
    options: { devices: { type: "string", default: sizes }, one: { type: "string" }, json: { type: "boolean", default: false } },
  });
  if (values.one !== undefined) {
    console.log(JSON.stringify(await measure(Number(values.one))));
    return;
  }
  const before = machine();
  const figures = values.devices.split(",").map((size): Measured => {
    if (!values.json) console.log(`${Number(size).toLocaleString("en")} devices ...`);
    const { stdout, success } = Bun.spawnSync([process.execPath, Bun.main, "--one", size], { stderr: "inherit" });
    if (!success) throw new Error(`the bench of ${size} devices failed`);
    return JSON.parse(stdout.toString()) as Measured;
  });
  console.log(JSON.stringify({ bench, machine: before, aims, figures, ...judge(figures) }, undefined, 1));
}
