/** Attacks on what is installed: the fourteen of TUF and Uptane, each over real TLS, and bytes that a depot has altered. */
import type { Attack, Blow } from "../attack.ts";
import { frameOf, updateTo } from "../forgery.ts";
import { reasonOf, type Stage } from "../stage.ts";

const ATTACKS_TEST = "test/depot/client/attacks.test.ts";
const MIRRORS_TEST = "test/depot/client/hostile-mirrors.test.ts";

/** name, who, cost, file, titles. */
const TUF_ATTACKS: readonly (readonly [string, string, string, string, readonly string[]])[] = [
  [
    "arbitrary installation",
    "A mirror serves metadata signed by its own keys.",
    "Any software on any device.",
    ATTACKS_TEST,
    ["arbitrary installation"],
  ],
  ["endless data", "A mirror never stops sending.", "A full disk on every device.", ATTACKS_TEST, ["endless data"]],
  [
    "extraneous dependencies",
    "A release names more to install.",
    "Software that nobody ordered.",
    ATTACKS_TEST,
    ["extraneous dependencies"],
  ],
  ["fast-forward", "A thief of a key drives version numbers up.", "No update is ever new enough again.", ATTACKS_TEST, ["fast-forward"]],
  ["indefinite freeze", "A mirror serves what was true once.", "A known hole stays open for good.", ATTACKS_TEST, ["indefinite freeze"]],
  ["malicious mirror", "A mirror answers nothing.", "No update arrives.", ATTACKS_TEST, ["malicious mirror prevents updates"]],
  [
    "mix-and-match",
    "A mirror combines files of different days.",
    "Parts that were never tested together.",
    ATTACKS_TEST,
    ["mix-and-match"],
  ],
  ["rollback", "A mirror serves an older repository.", "An old hole is opened again.", ATTACKS_TEST, ["rollback"]],
  ["slow retrieval", "A mirror trickles.", "Devices hang in their update for ever.", MIRRORS_TEST, ["slow retrieval"]],
  [
    "key compromise",
    "A thief has fewer keys of a role than its threshold.",
    "One lost key gives the fleet away.",
    ATTACKS_TEST,
    ["key compromise"],
  ],
  ["wrong software", "A mirror gives one model's image to another.", "Bricks.", ATTACKS_TEST, ["wrong software"]],
  [
    "drop-request",
    "A mirror answers as if there were nothing new.",
    "Devices stay as they are and nobody sees it.",
    ATTACKS_TEST,
    ["drop-request"],
  ],
  ["partial bundle", "A mirror gives one of two roles that belong together.", "Half of a change.", ATTACKS_TEST, ["partial bundle"]],
  ["eavesdrop", "Somebody listens on the way.", "It is known which device has which hole.", MIRRORS_TEST, ["eavesdrop"]],
];

export const DEPOT_ATTACKS: readonly Attack[] = [
  ...TUF_ATTACKS.map(
    ([name, who, cost, file, titles]): Attack => ({
      id: `8-${name.replaceAll(" ", "-")}`,
      title: `TUF and Uptane: ${name}`,
      who,
      cost,
      tests: [{ file, titles }],
    }),
  ),
  {
    id: "10",
    title: "Patch altered at origin, cache or on the way",
    who: "The depot serves the manufacturer's own metadata, and one byte of the image is another.",
    cost: "Somebody else's firmware on every device that fetches there.",
    run: alteredPatch,
  },
];

async function alteredPatch(stage: Stage): Promise<readonly Blow[]> {
  const device = await stage.captured("altered", { depots: [stage.depot.url] });
  stage.gateway.bring(await frameOf(updateTo(await stage.release("2.0.0"), "altered-bytes"), [stage.author, stage.approver]));
  const isRefused = await device.says((event) => reasonOf(event) === "ERR_AGENT_DIGEST");
  const { active, trial } = device.state();
  const blows = [
    {
      what: `altered bytes, ${stage.depot.altered} times`,
      stoppedBy: "ERR_AGENT_DIGEST, by the device",
      held: isRefused && stage.depot.altered > 0,
    },
    { what: "only the spare slot was touched", stoppedBy: "two slots", held: active === "a" && trial === undefined },
  ];
  await device.switchOff();
  device.switchOn();
  const boots = await device.says((event) => event.kind === "booted" && event.version === "1.0.0");
  blows.push({ what: "after a restart the old release runs", stoppedBy: "two slots", held: boots });
  await stage.retire(device);
  return blows;
}
