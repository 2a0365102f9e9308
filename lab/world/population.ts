/** Who lives in a world: the devices of its fleet, made, entered in the manager's books, and switched on by and by. */
import { deviceId, HARDWARE, type Kind, KINDS, MODEL, OLD_VERSION, OTHER_MODEL, TENANT, VENDOR } from "./catalogue.ts";
import type { Chance } from "./chance.ts";
import { HOUR_MS, START_MS, WARM_UP_MS } from "./settings.ts";
import type { World } from "./world.ts";

/** The first of them are full agents. */
export function populate(world: World): void {
  const { settings, chance, manager, agents, compact } = world;
  const kinds = Array.from({ length: settings.devices }, (_, ordinal) => kindOf(chance, ordinal));
  manager.fleet.upsert(
    kinds.map((kind, ordinal) => factsOf(chance, kind, ordinal)),
    { source: "import", atMs: START_MS },
  );
  for (const [ordinal, kind] of kinds.entries()) {
    if (ordinal < settings.agents) agents.make(ordinal, kind, START_MS - 1_000);
    else compact.make(ordinal, kind, START_MS - 1_000);
    const isAbsent = chance("absent", ordinal) < settings.absent;
    const onMs = isAbsent
      ? chance("when back", ordinal) * (settings.windowMs + 2 * HOUR_MS)
      : chance("power on", ordinal) * WARM_UP_MS * 0.5;
    world.device(ordinal).cutPower(ordinal, onMs);
  }
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
