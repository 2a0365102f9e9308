/** Distributions of moments: quantiles by nearest rank, and cumulative curves thinned to what a plot can show. Pure. */
import { CURVE_POINTS_MAX } from "./limits.ts";
import type { CurvePoint } from "./report-model.ts";

/** The finite ones, ascending. */
export function momentsOf(times: Float64Array): Float64Array {
  return times.filter((ms) => Number.isFinite(ms)).sort();
}

/** The smallest moment that at least `share` (0..1) of all have reached; undefined when there is none. */
export function quantile(ascending: Float64Array, share: number): number | undefined {
  return ascending[Math.max(0, Math.ceil(share * ascending.length) - 1)];
}

/** Cumulative devices over seconds since `originMs`; what came before it counts at 0. First and last moment are always in. */
export function curveOf(ascending: Float64Array, originMs: number): CurvePoint[] {
  const points: CurvePoint[] = [];
  const steps = Math.min(ascending.length, CURVE_POINTS_MAX);
  for (let step = 0; step < steps; step++) {
    const index = steps === 1 ? 0 : Math.round((step * (ascending.length - 1)) / (steps - 1));
    const seconds = Math.max(0, ((ascending[index] ?? originMs) - originMs) / 1000);
    if (points.at(-1)?.seconds === seconds) points.pop();
    points.push({ seconds, devices: index + 1 });
  }
  return points;
}
