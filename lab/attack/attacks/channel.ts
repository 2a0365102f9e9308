/** Attacks by a gateway that an attacker holds, on devices that dial it: forgery, replay, foreign authority, hostile sources and texts. */
import type { DrillDevice } from "../../drills/device.ts";
import type { Attack, Blow } from "../attack.ts";
import { altered, frameOf, updateTo } from "../forgery.ts";
import { runs, type Stage } from "../stage.ts";
import { generateSigner } from "../../../src/trust/sign/index.ts";

export const CHANNEL_ATTACKS: readonly Attack[] = [
  {
    id: "3",
    title: "Compromised gateway",
    who: "A gateway with the platform's TLS key and every channel open brings what it likes; it also holds one stolen command key.",
    cost: "One broken server at the edge commands every device that dials it.",
    run: compromisedGateway,
    tests: [
      { file: "test/agent/authority.test.ts", titles: ["a gateway in an attacker's hands that brings an old root"] },
      // What an honest gateway does when the manager behind it is the hostile one.
      { file: "test/channel/permits.test.ts", titles: ["the cohort was widened after it was signed", "the permit is over"] },
      // Dropping and delaying cannot be prevented; it shows.
      { file: "test/campaign/plan.test.ts", titles: ["a canary that nobody was heard of halts instead of going on without evidence"] },
    ],
  },
  {
    id: "6",
    title: "Replay",
    who: "The same gateway recorded a good command and brings it again: at once, after a restart, and to a device of another kind.",
    cost: "An old command undoes a later one, again and again.",
    run: replay,
  },
  {
    id: "7",
    title: "Another tenant's devices",
    who: "Two people of another director order an update of our device, with signatures that are good at home.",
    cost: "One customer of the platform commands another's devices.",
    run: otherTenant,
    tests: [
      { file: "test/channel/permits.test.ts", titles: ["a target is outside the cohort", "the permit was signed by a stranger"] },
      { file: "test/trust/authority.test.ts", titles: ["that is not in the map", "whose vendor is another", "whose model is another"] },
    ],
  },
  {
    id: "9",
    title: "Malicious source URL",
    who: "Two people were deceived and signed; the command's source points into the device's own network.",
    cost: "Every device becomes a way into the network that it stands in.",
    run: hostileSources,
  },
  {
    id: "14",
    title: "Hostile JSON and OpenC2",
    who: "A gateway brings texts that readers stumble over: a member twice, a hundred levels, a lone surrogate, no UTF-8, one byte too much.",
    cost: "A crash loop on every device, or two readers that understand two different commands.",
    run: hostileTexts,
    tests: [{ file: "test/openc2/fuzz.test.ts", titles: ["break nothing at", "find a reader that holds the thread"] }],
  },
];

async function compromisedGateway(stage: Stage): Promise<readonly Blow[]> {
  const { author, approver } = stage;
  const device = await stage.captured("gateway");
  const release = await stage.release("2.0.0");
  const mallory = await generateSigner("approver");
  const good = await frameOf(updateTo(release, "good"), [author, approver]);
  const blows = [
    await stage.refusal(device, "a command that nobody signed", await frameOf(updateTo(release, "nobody"), []), "ERR_TRUST_FORMAT"),
    await stage.refusal(device, "signed with the one stolen key", await frameOf(updateTo(release, "one"), [author]), "ERR_TRUST_THRESHOLD"),
    await stage.refusal(
      device,
      "and with a key that calls itself the approver",
      await frameOf(updateTo(release, "invented"), [author, mallory]),
      "ERR_TRUST_UNKNOWN_KEY",
    ),
    await stage.refusal(device, "a good command with another release in it", altered(good, "2.0.0", "3.0.0"), "ERR_TRUST_SIGNATURE"),
    await stage.refusal(
      device,
      "two signatures for a permit, passed off as a command's",
      await frameOf(updateTo(release, "permit"), [author, approver], "permit"),
      "ERR_TRUST_STATEMENT",
    ),
    await stage.refusal(
      device,
      "a good command, kept until after its time",
      await frameOf(updateTo(release, "late", { notAfterMs: Date.now() - 1 }), [author, approver]),
      "ERR_TRUST_EXPIRED",
    ),
  ];
  await stage.retire(device);
  return blows;
}

async function replay(stage: Stage): Promise<readonly Blow[]> {
  const frame = await frameOf(updateTo(await stage.release("2.0.0"), "recorded"), [stage.author, stage.approver]);
  const device = await obeyed(stage, "replay", frame, "done");
  const blows = [await again(device, "again, to the device that has obeyed it", "it runs that release")];
  await device.switchOff();
  device.switchOn();
  blows.push(await again(device, "again, after a restart", "it runs that release"));
  await stage.retire(device);
  // Only what it remembers keeps this one from installing what it has found bad, again and again.
  const burnt = await obeyed(stage, "burnt", frame, "rolled_back", { healthCommand: ["false"] });
  blows.push(await again(burnt, "again, to a device that has rolled it back", "the ring of command ids, on the device's disk"));
  await stage.retire(burnt);
  const other = await stage.captured("other-kind", { name: "otherModel" });
  blows.push(await stage.refusal(other, "to a device of another model", frame, "ERR_AGENT_NOT_MINE"));
  await stage.retire(other);
  return blows;

  async function again(to: DrillDevice, what: string, stoppedBy: string): Promise<Blow> {
    await to.says(({ kind }) => kind === "connected");
    const before = JSON.stringify(to.state());
    stage.gateway.bring(frame);
    await stage.answered(`after-${stage.gateway.heard.length}`);
    return { what, stoppedBy, held: JSON.stringify(to.state()) === before };
  }
}

/** A device that was brought a good command, and where that has ended. */
async function obeyed(stage: Stage, name: string, frame: Uint8Array, ends: string, change: object = {}): Promise<DrillDevice> {
  const device = await stage.captured(name, change);
  device.forget();
  stage.gateway.bring(frame);
  const hasEnded = async () => device.state().lastUpdate?.state === ends && device.state().trial === undefined;
  if (!(await stage.until(hasEnded))) throw new Error(`the good command did not end as ${ends}, so that nothing can be replayed`);
  return device;
}

async function otherTenant(stage: Stage): Promise<readonly Blow[]> {
  const device = await stage.captured("ours");
  const strangers = [await generateSigner("author"), await generateSigner("approver")];
  const frame = await frameOf(updateTo(await stage.release("2.0.0"), "foreign"), strangers);
  const blow = await stage.refusal(device, "two good signatures of another director's people", frame, "ERR_TRUST_UNKNOWN_KEY");
  await stage.retire(device);
  return [blow];
}

async function hostileSources(stage: Stage): Promise<readonly Blow[]> {
  const device = await stage.captured("source");
  const release = await stage.release("2.0.0");
  const sources: readonly (readonly [string, string, string])[] = [
    ["the cloud's metadata service", "https://169.254.169.254/latest", "ERR_DEPOT_SOURCE_ADDRESS"],
    ["the same address as one number", "https://2852039166/latest", "ERR_DEPOT_SOURCE_ADDRESS"],
    ["another host", "https://evil.example/image", "ERR_DEPOT_SOURCE_HOST"],
    ["another port", "https://updates.famousMaker.ce:8443/image", "ERR_DEPOT_SOURCE_PORT"],
  ];
  const blows: Blow[] = [];
  for (const [index, [what, source, code]] of sources.entries()) {
    const frame = await frameOf(updateTo(release, `source-${index}`, { software: { source } }), [stage.author, stage.approver]);
    blows.push(await stage.refusal(device, what, frame, code));
  }
  await stage.retire(device);
  return blows;
}

async function hostileTexts(stage: Stage): Promise<readonly Blow[]> {
  const device = await stage.captured("texts");
  const bytes = (text: string) => new TextEncoder().encode(text);
  const texts: readonly (readonly [string, Uint8Array])[] = [
    ["a member twice", bytes('{"payload":"","payload":"","signatures":[]}')],
    ["a hundred levels", bytes(`${'{"payload":'.repeat(100)}1${"}".repeat(100)}`)],
    ["a lone surrogate", bytes('{"payload":"\\ud800","signatures":[]}')],
    ["a prototype", bytes('{"__proto__":{"payload":""},"signatures":[]}')],
    ["no JSON at all", bytes("{]")],
  ];
  const blows: Blow[] = [];
  for (const [what, text] of texts) blows.push(await stage.refusal(device, what, text, "ERR_TRUST_FORMAT"));
  const filled = (length: number) => bytes(`{"payload":"${"A".repeat(length)}"}`);
  blows.push(await stage.refusal(device, "more than a command may hold", filled(10_000), "ERR_TRUST_TOO_LARGE"));
  stage.gateway.bring(filled(60_000));
  const isCut = await device.says((event) => event.kind === "disconnected" && event.reason.includes("longer than"));
  const isBack = await device.says(({ kind }) => kind === "connected");
  blows.push({
    what: "more than a message may hold: it hangs up, and dials again",
    stoppedBy: "the channel's limit",
    held: isCut && isBack,
  });
  stage.gateway.bring(await frameOf(updateTo(await stage.release("2.0.0"), "still-alive"), [stage.author, stage.approver]));
  blows.push({ what: "afterwards it obeys a good command", stoppedBy: "nothing", held: await device.says(runs("2.0.0")) });
  await stage.retire(device);
  return blows;
}
