/** A bench at growing sizes, each in a process of its own, so that none finds what the one before it left in memory. */
import { listOf, whole } from "../../program.ts";
import { benchProgram } from "./bench-program.ts";
import { machine } from "./machine.ts";

interface Sizes<Measured> {
  readonly bench: string;
  /** What `--help` says of it. */
  readonly description: string;
  /** --devices, unless somebody says others. */
  readonly sizes: readonly number[];
  readonly aims: object;
  readonly measure: (devices: number) => Promise<Measured>;
  /** What is said beside the figures of all sizes. */
  readonly judge: (figures: readonly Measured[]) => { readonly ok: boolean };
}

/** Prints one JSON object: that of all sizes, or with `--one DEVICES` the figures of that size, measured here. */
export async function benchBySize<Measured>({ bench, description, sizes, aims, measure, judge }: Sizes<Measured>): Promise<void> {
  const { devices, one, json } = benchProgram(bench, description)
    .option("--devices <count,...>", "sizes, one after the other", listOf(whole()), sizes)
    .option("--one <devices>", "measure this size here, and print its figures alone", whole())
    .parse()
    .opts<{ devices: readonly number[]; one?: number; json: boolean }>();
  if (one !== undefined) {
    console.log(JSON.stringify(await measure(one)));
    return;
  }
  const before = machine();
  const figures = devices.map((size): Measured => {
    if (!json) console.log(`${size.toLocaleString("en")} devices ...`);
    const { stdout, success } = Bun.spawnSync([process.execPath, Bun.main, "--one", String(size)], { stderr: "inherit" });
    if (!success) throw new Error(`the bench of ${size} devices failed`);
    return JSON.parse(stdout.toString()) as Measured;
  });
  console.log(JSON.stringify({ bench, machine: before, aims, figures, ...judge(figures) }, undefined, 1));
}
