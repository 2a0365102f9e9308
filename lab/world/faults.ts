/** What goes wrong in the course of a world, and when: drawn from the seed before anything happens. Each fault heals by itself. */
import { HOUR_MS, MINUTE_MS } from "./settings.ts";
import type { World } from "./world.ts";

export function plantFaults(world: World): void {
  const { settings, chance, time, beginMs } = world;
  const { faults, devices, windowMs } = settings;
  /** Most things go wrong while waves go out: in the first hour. */
  const some = (what: string, count: number, work: (number: number) => void) => {
    for (let number = 0; number < count; number += 1)
      time.at(beginMs + chance(`when ${what}`, number) ** 2 * Math.min(windowMs, 2 * HOUR_MS), () => work(number));
  };
  some("manager crash", faults.managerCrashes, (number) => {
    world.log.note("will crash", "manager");
    world.manager.crashAfter(1 + Math.floor(chance("calls until the crash", number) * 40));
  });
  some("cut order", faults.cutOrders, () => {
    world.log.note("will crash in an order", "manager");
    world.manager.crashInOrder();
  });
  some("gateway crash", faults.gatewayCrashes, (number) => gatewayCrash(world, number));
  some("partition", faults.partitions, (number) => partition(world, number));
  some("depot outage", faults.depotOutages, (number) => {
    world.depotDownUntilMs = time.nowMs() + chance("how long no depot", number) * 15 * MINUTE_MS;
    world.log.note("is down", "depot");
  });
  some("mass power cut", faults.massPowerCuts, () => massPowerCut(world, 0.5, 12 * MINUTE_MS));
  some("power cut", Math.round(faults.powerCuts * devices), (number) => {
    world.cutPower(Math.floor(chance("who is cut", number) * devices), 1_000 + chance("how long dark", number) * 20 * MINUTE_MS);
  });
}

function gatewayCrash(world: World, number: number): void {
  const { network, chance, log, time } = world;
  const gateway = network.gateways[Math.floor(chance("which gateway", number) * network.gateways.length)];
  if (gateway?.isUp !== true) return;
  log.note("crashes", gateway.name);
  gateway.crash();
  time.in(1_000 + chance("how long no gateway", number) * 5 * MINUTE_MS, () => {
    log.note("starts", gateway.name);
    gateway.start();
  });
}

/** Between a gateway and the manager; its devices stay where they are. */
function partition(world: World, number: number): void {
  const { backplanes, network, chance, log, time } = world;
  const index = Math.floor(chance("which is cut off", number) * backplanes.length);
  const [backplane, gateway] = [backplanes[index], network.gateways[index]];
  if (backplane === undefined || gateway === undefined || backplane.isCut) return;
  log.note("is cut off", gateway.name);
  backplane.isCut = true;
  time.in(MINUTE_MS / 2 + chance("how long cut off", number) * 20 * MINUTE_MS, () => {
    log.note("is found", gateway.name);
    backplane.isCut = false;
    gateway.nudge();
  });
}

/** A share of a region at one instant; it comes back by and by. */
export function massPowerCut(world: World, share: number, withinMs: number): void {
  const { settings, chance, log } = world;
  log.note("is without power", "east");
  for (let ordinal = 0; ordinal < settings.devices; ordinal += 1) {
    if (chance("region", ordinal) >= 0.5 || chance("part of it", ordinal) >= share) continue;
    world.cutPower(ordinal, (0.2 + chance("power returns", ordinal) * 0.8) * withinMs);
  }
}
