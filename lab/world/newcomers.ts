/**
 * Devices that appear when a campaign is under way: sold by a shop, which is an import and a power switch, or subscribed by their owners, who
 * had them all along.
 */
import { enter, firstLate } from "./population.ts";
import { MINUTE_MS, START_MS } from "./settings.ts";
import type { World } from "./world.ts";

/** In the first half of the permit, some at a time. */
export function plantNewcomers(world: World): void {
  const { settings, chance, time, beginMs } = world;
  const { late, sales } = settings.newcomers ?? { late: 0, sales: 0 };
  if (sales === 0) return;
  const sometime = (what: string, number: number) => beginMs + chance(`when ${what}`, number) * (settings.windowMs / 2);
  for (let sale = 0; sale < sales; sale += 1) time.at(sometime("a sale", sale), () => sell(world, Math.ceil(late / sales), 20 * MINUTE_MS));
  for (let ordinal = 0; ordinal < firstLate(settings); ordinal += 1) {
    if (chance("subscribes later", ordinal) < 0.5) time.at(sometime("it subscribes", ordinal), () => subscribe(world, ordinal));
  }
}

/** The next so many that nobody knew of, as far as there are any left; all of them stand plugged in at home within the time. */
export function sell(world: World, count: number, withinMs: number): void {
  const { manager, settings, chance, log } = world;
  const first = manager.fleet.count();
  const end = Math.min(settings.devices, first + count);
  log.note("sells", "shop", String(end - first));
  enter(world, first, end);
  for (let ordinal = first; ordinal < end; ordinal += 1) world.device(ordinal).cutPower(ordinal, chance("unpacked", ordinal) * withinMs);
}

function subscribe({ manager, log }: World, ordinal: number): void {
  const device = manager.fleet.byOrdinal(ordinal);
  if (device === undefined || device.subscribed) return;
  log.note("subscribes", ordinal);
  manager.fleet.upsert([{ ...device, subscribed: true }], { source: "import", atMs: START_MS });
}
