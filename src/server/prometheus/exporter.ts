/** Writes the catalogue's metrics as Prometheus reads them. They hold nothing of their own: each is read when somebody asks. */
import { Counter, Gauge, Registry } from "prom-client";
import type { ChannelFigures } from "../channel-watch.ts";
import { CATALOGUE, type Metric } from "./catalogue.ts";

export class Exporter {
  readonly #registry = new Registry();
  #figures: ChannelFigures | undefined;

  constructor() {
    for (const metric of CATALOGUE) this.#register(metric);
  }

  get contentType(): string {
    return this.#registry.contentType;
  }

  text(figures: ChannelFigures): Promise<string> {
    this.#figures = figures;
    return this.#registry.metrics();
  }

  #register(metric: Metric): void {
    const { name, help } = metric;
    const read = () => this.#figures;
    const Kind = metric.name.endsWith("_total") ? Counter<string> : Gauge<string>;
    const collected = new Kind({
      name,
      help,
      labelNames: "label" in metric ? [metric.label] : [],
      registers: [],
      collect() {
        const figures = read();
        this.reset();
        if (figures === undefined) return;
        if (!("label" in metric)) return this.inc(metric.read(figures));
        for (const [value, count] of Object.entries(metric.read(figures))) this.inc({ [metric.label]: value }, count);
      },
    });
    this.#registry.registerMetric(collected);
  }
}
