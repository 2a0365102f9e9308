/** Writes devices as an import reads them: what goes out comes back the same. Pure. */
import type { DeviceFacts } from "../device.ts";
import { csvLine } from "./csv.ts";
import type { ImportFormat } from "./reader.ts";
import { COLUMNS } from "./row.ts";

/** In pieces; the header of a CSV file first. */
export function* writeDevices(devices: Iterable<DeviceFacts>, format: ImportFormat): Iterable<string> {
  if (format === "csv") yield csvLine(COLUMNS);
  for (const device of devices) yield format === "csv" ? csvLine(cells(device)) : `${JSON.stringify(row(device))}\n`;
}

function row({ postponedUntilMs, ...facts }: DeviceFacts) {
  const { id, tenant, vendor, name, version, hardware, region, counter, sha256, components, timeZone, tags, subscribed, optedOut } = facts;
  const postponedUntil = postponedUntilMs === undefined ? undefined : new Date(postponedUntilMs).toISOString();
  const first = { id, tenant, vendor, name, version, hardware, region, counter, sha256, components, timeZone, tags };
  return { ...first, subscribed, optedOut, postponedUntil };
}

/** A cell has room for a component's name and version; its counter and digest need JSON lines. */
function cells(device: DeviceFacts): readonly string[] {
  const { components, tags, ...rest } = row(device);
  const lists = { components: components?.map(({ name, version }) => `${name}/${version}`).join(" "), tags: tags?.join(" ") };
  const all: Readonly<Record<string, string | number | boolean | undefined>> = { ...rest, ...lists };
  return COLUMNS.map((column) => String(all[column] ?? ""));
}
