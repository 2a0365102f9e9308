/**
 * Abuse case 13, by an attacker who owns the manager and its database: delete, edit, reorder, truncate. Hashes can be made to
 * fit again; signatures of people cannot.
 */
import { describe, expect, test } from "bun:test";
import { keepCheckpoint } from "../../src/campaign/keep-checkpoint.ts";
import { chain } from "../../src/campaign/ledger.ts";
import { CHECKPOINT_ACT, verifyCheckpointed } from "../../src/campaign/ledger-checkpoint.ts";
import type { LedgerAct, LedgerEntry } from "../../src/campaign/ports.ts";
import { SqliteCampaignStore } from "../../src/campaign/sqlite/campaign-store.ts";
import { openDatabase } from "../../src/fleet/sqlite/database.ts";
import { checkpointPayload } from "../../src/trust/permit.ts";
import { makeDirector, type Signer, sign } from "../../src/trust/sign/index.ts";
import { approver, author, director, stranger } from "./people.ts";
import { T0 } from "./world.ts";

const signHead = ({ seq, hash }: LedgerEntry, signer: Signer) => sign(checkpointPayload({ seq, hash, at_ms: T0 }), "checkpoint", signer);
const verify = (entries: readonly LedgerEntry[], kept: readonly string[] = []) => verifyCheckpointed(entries, kept, [director]);

/** Eight acts; the author signed the head after the third, the approver after the sixth. */
async function signedLedger() {
  const store = new SqliteCampaignStore(openDatabase(":memory:"));
  const kept: string[] = [];
  for (let index = 0; index < 6; index++) {
    const entry = store.appendLedger({
      atMs: T0 + index,
      actor: "planner",
      act: "order.sent",
      campaignId: "wc17",
      detail: { wave: index },
    });
    if (index % 3 !== 2) continue;
    const statement = await signHead(entry, index === 2 ? author : approver);
    await keepCheckpoint(store, statement, { director, nowMs: T0 });
    kept.push(statement);
  }
  return { store, entries: [...store.ledger()], kept };
}

/** As an attacker would write it anew: every hash fits. */
function rechained(entries: readonly LedgerEntry[], change: (acts: LedgerAct[]) => LedgerAct[]): LedgerEntry[] {
  const acts = entries.map(({ seq: _seq, previous: _previous, hash: _hash, ...act }) => act);
  const anew: LedgerEntry[] = [];
  for (const act of change(acts)) anew.push(chain(anew.at(-1), act));
  return anew;
}

test("an honest ledger agrees with its checkpoints and with what the signers kept", async () => {
  const { entries, kept } = await signedLedger();
  expect(await verify(entries, kept)).toMatchObject({ ok: true, checkpoints: 2, head: { seq: 8 } });
  // It may grow, and an older export is verified by those in it.
  expect(await verify(entries.slice(0, 4))).toMatchObject({ ok: true, checkpoints: 1 });
});

describe("attack: the database is rewritten and every hash made to fit", () => {
  test.each<[string, (acts: LedgerAct[]) => LedgerAct[]]>([
    ["a line is deleted", (acts) => acts.toSpliced(1, 1)],
    ["a line is edited", (acts) => acts.with(1, { ...acts[1]!, actor: "somebody else" })],
    ["two lines are exchanged", (acts) => acts.with(0, acts[1]!).with(1, acts[0]!)],
    ["a line is slipped in", (acts) => acts.toSpliced(1, 0, { atMs: T0, actor: "author", act: "campaign.approved" })],
  ])("%s before a checkpoint: found by the checkpoint in the ledger", async (_, change) => {
    const { entries } = await signedLedger();
    expect(await verify(rechained(entries, change))).toMatchObject({ ok: false, problem: "edited", seq: 3 });
  });

  test("with the checkpoints taken out too: found by the copy that a signer kept", async () => {
    const { entries, kept } = await signedLedger();
    const anew = rechained(entries, (acts) => acts.toSpliced(1, 1).filter(({ act }) => act !== CHECKPOINT_ACT));
    expect((await verify(anew)).ok).toBe(true);
    expect(await verify(anew, kept)).toMatchObject({ ok: false, seq: 3 });
  });

  test("the end is cut off: found without being told the head, by the copy that a signer kept", async () => {
    const { entries, kept } = await signedLedger();
    expect(await verify(entries.slice(0, 5), kept)).toMatchObject({ ok: false, problem: "truncated", seq: 6 });
    expect(await verify([], kept)).toMatchObject({ ok: false, problem: "truncated", seq: 1 });
  });

  test("what came after the last checkpoint is protected by none, as the documents say", async () => {
    const { entries, kept } = await signedLedger();
    expect((await verify(entries.slice(0, 7), kept)).ok).toBe(true);
  });
});

describe("attack: a checkpoint is forged", () => {
  test("by a key that the director does not name", async () => {
    const { entries } = await signedLedger();
    const forged = await signHead(entries[1]!, stranger);
    await expect(verify(entries, [forged])).rejects.toMatchObject({ code: "ERR_CAMPAIGN_CHECKPOINT" });
  });

  test("out of a signature for another kind of statement", async () => {
    const { entries } = await signedLedger();
    const stop = await sign(checkpointPayload({ ...entries[1]!, at_ms: T0 }), "stop", author);
    await expect(verify(entries, [stop])).rejects.toMatchObject({ code: "ERR_CAMPAIGN_CHECKPOINT" });
  });

  test("in a rewritten ledger, with another hash in the old signature", async () => {
    const { entries } = await signedLedger();
    const anew = rechained(entries.slice(0, 3), (acts) => acts.toSpliced(1, 1, { atMs: T0, actor: "x", act: "x" }));
    const { signatures } = JSON.parse(String(entries[3]?.detail?.["statement"])) as { signatures: unknown };
    const payload = Buffer.from(checkpointPayload({ ...anew[2]!, at_ms: T0 })).toString("base64url");
    const act = { atMs: T0, actor: author.person, act: CHECKPOINT_ACT, detail: { statement: JSON.stringify({ payload, signatures }) } };
    await expect(verify([...anew, chain(anew[2], act)])).rejects.toMatchObject({ code: "ERR_CAMPAIGN_CHECKPOINT" });
  });
});

test("the manager keeps no checkpoint of another ledger, and none of a line that is not there", async () => {
  const { store, entries } = await signedLedger();
  for (const head of [
    { seq: 2, hash: "f".repeat(64) },
    { seq: 99, hash: entries[1]!.hash },
  ]) {
    const statement = await signHead({ ...entries[1]!, ...head }, author);
    await expect(keepCheckpoint(store, statement, { director, nowMs: T0 })).rejects.toMatchObject({ code: "ERR_CAMPAIGN_STATEMENT" });
  }
  expect([...store.ledger()]).toEqual(entries);
});

test("a signer who has left is still believed with the director's version of that time", async () => {
  const { entries, kept } = await signedLedger();
  const later = makeDirector({ name: director.name, version: 2, signers: [approver, stranger] });
  await expect(verifyCheckpointed(entries, kept, [later])).rejects.toMatchObject({ code: "ERR_CAMPAIGN_CHECKPOINT" });
  expect(await verifyCheckpointed(entries, kept, [later, director])).toMatchObject({ ok: true, checkpoints: 2 });
});
