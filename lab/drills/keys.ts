/**
 * The key drill in five chapters, from the loss of one key to the loss of everything: what people do, and what devices, gateways and
 * manager make of it. docs/operate/keys.md is the same in prose.
 */
import { renameSync, rmSync } from "node:fs";
import type { AgentEvent } from "../../src/agent/index.ts";
import type { Scene } from "./scene.ts";

const NEW_DIRECTOR = "isp.example-2";

const connected = (event: AgentEvent) => event.kind === "connected";
const runs = (version: string) => (event: AgentEvent) => event.kind === "booted" && event.version === version;
const believes = (name: string, version: number) => (event: AgentEvent) => event.kind === "trust" && event.directors[name] === version;
const refuses = (code: string) => (event: AgentEvent) => event.kind === "refused" && event.reason === code;

export async function setUp(scene: Scene, count: number): Promise<void> {
  scene.chapter("A platform, its people's keys, and devices that are pinned to them");
  await scene.init();
  scene.say("Author and approver hold a command key each. Both and a keeper hold a root key and an owner's key each: two of three count.");
  await scene.serve();
  for (let index = 1; index <= count; index += 1) (await scene.enroll(`cam-${index}`)).switchOn();
  scene.check(`${count} devices have a channel`, await all(scene, connected));
  await scene.release("2.0.0");
  await scene.release("3.0.0");
}

export async function oneKeyLost(scene: Scene): Promise<void> {
  scene.chapter("The author's command key is lost");
  renameSync(scene.key("author"), scene.file("old-author.pem"));
  await scene.newKey("author");
  const draft = ["director", "--commanders", scene.key("author"), scene.key("approver")];
  scene.say("A new key, a new version of the director, and two of the three root holders sign it.");
  await scene.publish(draft, [scene.key("root/author"), scene.key("root/keeper")]);
  scene.check("every device believes version 2", await all(scene, believes("isp.example", 2)));
  await scene.order("with-new-key", "2.0.0");
  scene.check("an update signed with the new key is installed", await all(scene, runs("2.0.0")));
}

export async function bothKeysStolen(scene: Scene): Promise<void> {
  scene.chapter("Both command keys are stolen, and the thief orders at once");
  await Promise.all(scene.devices.map((device) => device.switchOff()));
  await scene.order("by-a-thief", "3.0.0");
  scene.say("It is night and the devices are off. The thief could order only what the manufacturer has published, but order it he could.");
  for (const person of ["author", "approver"]) {
    renameSync(scene.key(person), scene.file(`stolen-${person}.pem`));
    await scene.newKey(person);
  }
  const draft = ["director", "--commanders", scene.key("author"), scene.key("approver")];
  await scene.publish(draft, [scene.key("root/approver"), scene.key("root/keeper")]);
  for (const device of scene.devices) device.switchOn();
  scene.check("devices that return are told of version 3 before anything else", await all(scene, believes("isp.example", 3)));
  const untouched = scene.devices.every((device) => !device.hasSaid((event) => event.kind === "update"));
  scene.check(
    "the thief's campaign is not sent any more",
    untouched && (await scene.print("ledger", "export")).includes('"order.refused"'),
  );
  await scene.edict("cancel", "by-a-thief", "--reason", "stolen keys");
}

export async function oneRootKeyLost(scene: Scene): Promise<void> {
  scene.chapter("A root key is lost");
  rmSync(scene.key("root/keeper"));
  await scene.newKey("root/keeper");
  const roots = ["author", "approver", "keeper"].map((person) => scene.key(`root/${person}`));
  const draft = ["director", "--root", ...roots];
  await scene.sign(draft, [scene.key("root/author")]);
  const alone = await scene.isRefused("ERR_TRUST_THRESHOLD", "trust", "publish", scene.file("next.json"));
  scene.check("one of the two that are left cannot replace it alone", alone);
  await scene.publish(draft, [scene.key("root/author"), scene.key("root/approver")]);
  scene.check("both can: every device believes version 4", await all(scene, believes("isp.example", 4)));
  await scene.publish(["director"], [scene.key("root/keeper"), scene.key("root/author")]);
  scene.check("and the new key signs version 5", await all(scene, believes("isp.example", 5)));
}

/** `drawer` is where the new director's keys are made. */
export async function rootLost(scene: Scene, drawer: Scene): Promise<void> {
  scene.chapter("The director's whole root is lost: the owner appoints another director");
  for (const person of ["author", "approver"]) rmSync(scene.key(`root/${person}`));
  await scene.sign(["director"], [scene.key("root/keeper")]);
  const alone = await scene.isRefused("ERR_TRUST_THRESHOLD", "trust", "publish", scene.file("next.json"));
  scene.check("the one root key that is left signs no version", alone);
  await makeNewDirector(scene, drawer);
  const appoint = ["map", "--appoint", scene.file("new-director.json"), "--dismiss", "isp.example"];
  await scene.publish(appoint, [scene.key("owner/author"), scene.key("owner/keeper")]);
  scene.check("every device believes the new director", await all(scene, believes(NEW_DIRECTOR, 1)));
  await scene.order("by-the-old-director", "3.0.0");
  scene.check(
    "what the old director still orders is refused by the devices",
    (await scene.devices[0]?.says(refuses("ERR_TRUST_UNKNOWN_KEY"))) === true,
  );
  await scene.edict("cancel", "by-the-old-director", "--reason", "no say any more");
  await scene.stopServing();
  await scene.edict("trust", "pin", scene.file("new-director.json"));
  for (const person of ["author", "approver"]) renameSync(drawer.key(person), scene.key(person));
  await scene.serve();
  scene.say("Manager and gateways were pinned to the new director; no device was touched.");
  // Their channels broke with the server; a restart spares the drill the back-off.
  for (const device of scene.devices) {
    await device.switchOff();
    device.switchOn();
  }
  scene.check("the channels stand again", await all(scene, connected));
  await scene.order("by-the-new-director", "3.0.0");
  scene.check("what the new director orders is installed", await all(scene, runs("3.0.0")));
  const { ok } = await scene.edict("ledger", "verify");
  scene.check("the ledger verifies, with what was signed by keys that are gone", ok === true);
}

export async function ownerLost(scene: Scene, elsewhere: Scene): Promise<void> {
  scene.chapter("The owner's keys are lost as well: only a new enrolment helps");
  for (const person of ["author", "approver"]) rmSync(scene.key(`owner/${person}`));
  await scene.sign(["map"], [scene.key("owner/keeper")]);
  const alone = await scene.isRefused("ERR_TRUST_THRESHOLD", "trust", "publish", scene.file("next.json"));
  scene.check("the one owner's key that is left hands nothing over", alone);
  scene.say("The director in force goes on until the map expires. Nothing that is sent can name another owner: that is the point of it.");
  const [device] = scene.devices;
  if (device === undefined) throw new Error("the drill has no device");
  await device.switchOff();
  await elsewhere.init();
  await elsewhere.serve();
  const again = await elsewhere.enroll(device.name);
  again.switchOn();
  scene.check("a device that is enrolled again, with its directory in hand, obeys the new platform", await again.says(connected));
}

async function makeNewDirector(scene: Scene, drawer: Scene): Promise<void> {
  const root = ["root/anna", "root/bert", "root/carl"];
  for (const key of ["author", "approver", ...root]) await drawer.newKey(key);
  const rootKeys = root.map((key) => drawer.key(key));
  const draft = ["director", "--name", NEW_DIRECTOR, "--root", ...rootKeys, "--commanders", drawer.key("author"), drawer.key("approver")];
  await scene.sign(draft, rootKeys.slice(0, 2), "new-director.json");
}

async function all(scene: Scene, fits: (event: AgentEvent) => boolean): Promise<boolean> {
  return (await Promise.all(scene.devices.map((device) => device.says(fits)))).every(Boolean);
}
