/** Round marks for axes. Pure. */

/** Seconds that people count in, up to a day; days beyond. */
const SECONDS = [
  0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 10_800, 21_600, 43_200, 86_400,
];

/** Marks from 0 to at most `end`, about `wanted` of them, at round times. */
export function secondMarks(end: number, wanted: number): number[] {
  const step = SECONDS.find((seconds) => end / seconds <= wanted) ?? 86_400 * Math.ceil(end / wanted / 86_400);
  return marks(end, step);
}

/** Marks from 0 to at most `end`, about `wanted` of them, at whole round counts. */
export function countMarks(end: number, wanted: number): number[] {
  const rough = Math.max(1, end / wanted);
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((candidate) => candidate >= rough) ?? power;
  return marks(end, Math.max(1, step));
}

function marks(end: number, step: number): number[] {
  return Array.from({ length: Math.floor(end / step + 1e-9) + 1 }, (_, index) => index * step);
}
