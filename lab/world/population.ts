/** Who lives in a world: the devices of its fleet, made, entered in the manager's books, and switched on by and by. */
import { deviceId, HARDWARE, type Kind, KINDS, MODEL, OLD_VERSION, OTHER_MODEL, TENANT, VENDOR } from "./catalogue.ts";
import type { Chance } from "./chance.ts";
import { HOUR_MS, type Settings, START_MS, WARM_UP_MS } from "./settings.ts";
import type { World } from "./world.ts";

/** The first of them are full agents; the last may be still in a shop. */
export function populate(world: World): void {
  const { settings, chance, agents, compact } = world;
  enter(world, 0, firstLate(settings));
  for (let ordinal = 0; ordinal < settings.devices; ordinal += 1) {
    const kind = kindOf(chance, ordinal);
    if (ordinal < settings.agents) agents.make(ordinal, kind, START_MS - 1_000);
    else compact.make(ordinal, kind, START_MS - 1_000);
    if (ordinal >= firstLate(settings)) continue;
    const isAbsent = chance("absent", ordinal) < settings.absent;
    const onMs = isAbsent
      ? chance("when back", ordinal) * (settings.windowMs + 2 * HOUR_MS)
      : chance("power on", ordinal) * WARM_UP_MS * 0.5;
    world.device(ordinal).cutPower(ordinal, onMs);
  }
}

/** The first that nobody knows of yet. */
export function firstLate({ devices, newcomers }: Settings): number {
  return devices - (newcomers?.late ?? 0);
}

/** Into the manager's books: in the order of their numbers. */
export function enter({ manager, chance }: World, first: number, end: number): void {
  const ordinals = Array.from({ length: end - first }, (_, place) => first + place);
  manager.fleet.upsert(
    ordinals.map((ordinal) => factsOf(chance, kindOf(chance, ordinal), ordinal)),
    { source: "import", atMs: START_MS },
  );
}

function factsOf(chance: Chance, { name, hardware }: Kind, ordinal: number) {
  return {
    id: deviceId(ordinal),
    tenant: TENANT,
    vendor: VENDOR,
    name,
    version: OLD_VERSION,
    hardware,
    region: chance("region", ordinal) < 0.5 ? "east" : "west",
    subscribed: chance("subscribed", ordinal) < 0.95,
    optedOut: chance("opted out", ordinal) < 0.03,
  };
}

function kindOf(chance: Chance, ordinal: number): Kind {
  const name = chance("model", ordinal) < 0.9 ? MODEL : OTHER_MODEL;
  const hardware = HARDWARE[Math.floor(chance("hardware", ordinal) * HARDWARE.length)];
  const kind = KINDS.find((each) => each.name === name && each.hardware === hardware);
  if (kind === undefined) throw new Error(`there is no ${name} with ${hardware}`);
  return kind;
}
