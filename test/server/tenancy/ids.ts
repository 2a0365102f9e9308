/** What a tenant has, generated: ids of every kind, in every form that they may have. */
import { sample, stringMatching } from "fast-check";
import { keepDraft } from "../../../src/campaign/keep-draft.ts";
import { SqliteCampaignStore } from "../../../src/campaign/sqlite/campaign-store.ts";
import type { Side } from "./world.ts";

const DEVICES = 3_850;
const CAMPAIGNS = 400;
const OF_EACH_OTHER_KIND = 60;

export interface Ids {
  readonly device: readonly string[];
  readonly campaign: readonly string[];
  readonly import: readonly string[];
  /** Factory serial numbers that are expected. */
  readonly serial: readonly string[];
  /** Enrolment requests that wait. */
  readonly request: readonly string[];
  /** Keys, commands, orders, lines of the ledger. */
  readonly other: readonly string[];
}

/** Peoples a tenant through its own API; `seed` also keeps its ids from being another's. */
export async function settle(side: Side, seed: number): Promise<Ids> {
  const many = (pattern: RegExp, count: number) => sample(stringMatching(pattern), { numRuns: count, seed });
  const device = many(/^[A-Za-z0-9._:;=-]{1,40}$/, DEVICES).map((text, index) => `urn:dev:ops:32473-${seed}-${index}-${text}`);
  const imports = [await side.import(device.slice(0, 1)), await side.import(device.slice(1))];
  // A command_id is any text of 1 to 34 characters without spaces: slashes, percent signs and quotes too.
  const campaign = many(/^[!-~]{1,24}$/, CAMPAIGNS).map((text, index) => `${text}~${seed}.${index}`);
  await draftAll(side, campaign);
  const serial = many(/^[!-~]{4,24}$/, OF_EACH_OTHER_KIND).map((text, index) => `SN-${seed}-${index}-${text}`);
  const expected = serial.map((number, index) => ({ id: device[index], vendor: "famousMaker", serial: number }));
  await side.done("POST", "/enrolment/expected", { devices: expected });
  const key = serial.map((text) => new Bun.CryptoHasher("sha256").update(text).digest("hex"));
  for (const [index, keySha256] of key.entries()) {
    const peer = { kind: "operational", id: device.at(-1 - index), keySha256, isExpired: true };
    await side.done("POST", "/enrolment/claims", { peer, keySha256 }, "issuer");
  }
  const lines = (await side.call("GET", "/ledger")).text.trim().split("\n").slice(0, OF_EACH_OTHER_KIND);
  const hashes = lines.map((line) => (JSON.parse(line) as { hash: string }).hash);
  const commands = campaign.slice(0, OF_EACH_OTHER_KIND).map((id) => `${id}-c`);
  const orders = Array.from({ length: OF_EACH_OTHER_KIND }, (_, index) => String(index + 1));
  return {
    device,
    campaign,
    import: imports,
    serial,
    request: key.map((digest) => digest.slice(0, 16)),
    other: [...key, ...hashes, ...commands, ...orders],
  };
}

/** The first is drafted and approved by people, the second drafted; the others are copies of it. */
async function draftAll(side: Side, [first = "", second = "", ...copies]: readonly string[]): Promise<void> {
  await side.draft(first);
  await side.approve(first);
  side.tenant.driver.tick();
  await side.draft(second);
  const store = new SqliteCampaignStore(side.tenant.database);
  const campaign = store.get(second);
  if (campaign === undefined) throw new Error("the draft was not kept");
  const waves = campaign.waves.map(({ index }) => store.wave(second, index));
  store.atomically(() => {
    for (const id of copies) keepDraft(store, { campaign: { ...campaign, id }, cohort: store.cohort(second), waves });
  });
}
