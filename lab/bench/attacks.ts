/**
 * `npm run bench:attacks`: what attackers cost the devices that stand. Healthy channels send pings; measured is the time to the pong,
 * while the attack goes to another server on the same machine, and while it goes to the gateway. Both have the same processes compete
 * for the same cores, so the ratio is what the attack does through the gateway.
 */
import { join } from "node:path";
import { issueDevice } from "../../src/trust/sign/certificate-authority.ts";
import { positive } from "../program.ts";
import { startPart } from "./contestants/edict.ts";
import { ATTACKS, type Attack, type AttackFacts } from "./support/attacker.ts";
import { BenchManager } from "./support/bench-manager.ts";
import { benchProgram } from "./support/bench-program.ts";
import { Child } from "./support/child.ts";
import { HealthyDevice } from "./support/healthy-device.ts";
import { cpuSeconds, machine } from "./support/machine.ts";
import { median, percentile, round } from "./support/statistics.ts";
import { Workshop } from "./support/workshop.ts";

const RATIO_MAX = 2;
const ROUNDS = 5;
const WARM_UP_MS = 700;
const HEALTHY = 40;
/** A quarter of what a device may send (channel/limits.ts). */
const PINGS_PER_SECOND = 5;
const ATTACKER_ORDINAL = 1_000;

interface Round {
  readonly elsewhereP99Ms: number;
  readonly attackedP99Ms: number;
  readonly attempts: number;
  readonly cpuSeconds: number;
}

interface Outcome {
  readonly attack: Attack;
  readonly attemptsPerSecond: number;
  readonly gatewayCpuShare: number;
  readonly elsewhereP99Ms: number;
  readonly attackedP99Ms: number;
  readonly ratio: number;
  readonly lost: number;
}

const { seconds, json } = benchProgram("attacks", "What attackers cost the devices that stand.")
  .option("--seconds <count>", "how long each attack is measured, in each of its rounds", positive, 2)
  .parse()
  .opts<{ seconds: number; json: boolean }>();
const spanMs = seconds * 1_000;
const before = machine();
const workshop = await Workshop.open();
const manager = await BenchManager.start(workshop);
const gateway = await startPart(workshop, manager);
const bystander = await startPart(workshop, manager, { part: "gateway-2/1" });
const issue = (ordinal: number) => issueDevice(workshop.authority, { id: `urn:dev:ops:32473-bench-${ordinal}`, nowMs: Date.now() });
const healthy = await Promise.all(
  Array.from({ length: HEALTHY }, async (_, ordinal) =>
    HealthyDevice.dial(gateway.port, workshop.authority.certificatePem, await issue(ordinal)),
  ),
);
await pingsFor(WARM_UP_MS);
const calmP99Ms = round(percentile(await pingsFor(spanMs), 0.99));
const outcomes: Outcome[] = [];
for (const attack of ATTACKS) outcomes.push(await measure(attack));
for (const device of healthy) device.leave();
await Promise.all([gateway.child.end(), bystander.child.end()]);
manager.stop();
workshop.close();

const ok = outcomes.every(({ ratio, lost }) => ratio <= RATIO_MAX && lost === 0);
const result = { bench: "attacks", machine: before, healthy: HEALTHY, calmP99Ms, outcomes, ratioMax: RATIO_MAX, ok };
console.log(
  json
    ? JSON.stringify(result, undefined, 1)
    : [JSON.stringify(before), `calm p99 ${calmP99Ms} ms`, ...outcomes.map((one) => JSON.stringify(one)), ok ? "ok" : "NOT ok"].join("\n"),
);

/** In turn, so that what else goes on here meets both alike; of each the median round counts. */
async function measure(attack: Attack): Promise<Outcome> {
  const rounds: Round[] = [];
  while (rounds.length < ROUNDS) {
    const elsewhereP99Ms = (await under(attack, bystander.port)).p99Ms;
    const cpuBefore = cpuSeconds([gateway.child.pid]);
    const { p99Ms: attackedP99Ms, attempts } = await under(attack, gateway.port);
    rounds.push({ elsewhereP99Ms, attackedP99Ms, attempts, cpuSeconds: cpuSeconds([gateway.child.pid]) - cpuBefore });
  }
  const middle = (name: keyof Round) => median(rounds.map((one) => one[name]));
  return {
    attack,
    attemptsPerSecond: Math.round(middle("attempts") / (spanMs / 1_000)),
    gatewayCpuShare: round(middle("cpuSeconds") / (spanMs / 1_000)),
    elsewhereP99Ms: round(middle("elsewhereP99Ms")),
    attackedP99Ms: round(middle("attackedP99Ms")),
    ratio: round(median(rounds.map((one) => one.attackedP99Ms / one.elsewhereP99Ms))),
    lost: healthy.filter(({ isOpen }) => !isOpen).length,
  };
}

async function under(attack: Attack, port: number): Promise<{ p99Ms: number; attempts: number }> {
  const { certificatePem, privateKeyPem } = await issue(ATTACKER_ORDINAL);
  const facts: AttackFacts = { attack, port, authorityPem: workshop.authority.certificatePem, certificatePem, privateKeyPem };
  const attacker = new Child([process.execPath, join(import.meta.dir, "support/attacker.ts"), JSON.stringify(facts)]);
  await Bun.sleep(WARM_UP_MS);
  const p99Ms = percentile(await pingsFor(spanMs), 0.99);
  attacker.tell("attempts");
  const { attempts } = await attacker.hearEvent("attempts");
  await attacker.end();
  return { p99Ms, attempts: Number(attempts) };
}

/** Round trips in ms of all healthy devices, each at a steady pace and out of step with the others. */
async function pingsFor(forMs: number): Promise<readonly number[]> {
  const gapMs = 1_000 / PINGS_PER_SECOND;
  const times = healthy.map(async (device, index) => {
    await Bun.sleep((index / HEALTHY) * gapMs);
    const mine: number[] = [];
    for (const endMs = performance.now() + forMs; performance.now() < endMs && device.isOpen; await Bun.sleep(gapMs)) {
      mine.push(await device.ping());
    }
    return mine;
  });
  return (await Promise.all(times)).flat();
}
