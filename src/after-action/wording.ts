/** Numbers, times and durations as people read them. Always UTC and always the same words: reports are compared with one another. */

/** `2026-03-01T03:00:00Z`; a number that is no time is shown as it is. */
export function timeText(ms: number): string {
  return Math.abs(ms) <= 8.64e15 ? new Date(ms).toISOString().replace(/\.\d+Z$/, "Z") : `time ${ms}`;
}

/** `85 ms`, `4.2 s`, `3 min 20 s`, `5 h 02 min`, `3 d 04 h`. */
export function durationText(ms: number): string {
  if (ms < 0) return `-${durationText(-ms)}`;
  if (ms < 1000) return `${Math.round(ms)} ms`;
  if (ms < 59_950) return `${(ms / 1000).toFixed(1)} s`;
  const s = Math.round(ms / 1000);
  const two = (n: number) => String(n).padStart(2, "0");
  if (s < 3600) return `${Math.floor(s / 60)} min ${two(s % 60)} s`;
  const min = Math.floor(s / 60);
  if (min < 1440) return `${Math.floor(min / 60)} h ${two(min % 60)} min`;
  return `${Math.floor(min / 1440)} d ${two(Math.floor((min % 1440) / 60))} h`;
}

/** `1,234,567` */
export function countText(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
}

/** `1 device`, `1,234 devices` */
export function devicesText(count: number): string {
  return `${countText(count)} ${count === 1 ? "device" : "devices"}`;
}

/** `512 B`, `256 KiB`, `38.1 GiB` */
export function bytesText(bytes: number): string {
  const units = ["B", "KiB", "MiB", "GiB", "TiB", "PiB"];
  let value = bytes;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit += 1;
  }
  return `${unit === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[unit]}`;
}

/** Share as a percentage. Never rounds to 0 % or 100 % what is neither: one missing device of a million is not "100 %". */
export function percentText(count: number, of: number): string {
  if (of <= 0) return "-";
  const percent = (100 * count) / of;
  if (count === 0 || count === of) return `${percent} %`;
  if (percent < 0.1) return "<0.1 %";
  if (percent > 99.9) return ">99.9 %";
  return `${percent.toFixed(1)} %`;
}
