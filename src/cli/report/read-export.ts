/**
 * `edict report --from-export`: the same report as the server's, offline, from a folder. Nothing in it is believed before it was checked:
 * each file is as it was written, the ledger's chain is whole, the people's signatures stand on the permit, and the cohort is the one that
 * the permit names. Evidence is read as it is needed, never all at once.
 */
import { createHash } from "node:crypto";
import { closeSync, openSync, readSync } from "node:fs";
import { join } from "node:path";
import { StringDecoder } from "node:string_decoder";
import { RoaringBitmap32 } from "roaring-wasm";
import {
  AfterActionError,
  byDevice,
  type CaseFile,
  campaignOf,
  cohortOf,
  contextOf,
  deviceOf,
  evidenceOf,
  EXPORT_PARTS,
  type ExportManifest,
  type ExportPart,
  judgeAll,
  ledgerFacts,
  manifestOf,
  orderOf,
  type Report,
  ReportBuilder,
  signatureCheck,
} from "../../after-action/index.ts";
import type { Campaign } from "../../campaign/campaign.ts";
import { joinedCount } from "../../campaign/newcomers.ts";
import { fromLedgerLines } from "../../campaign/ledger-lines.ts";
import { verifyLedger } from "../../campaign/ledger.ts";
import type { Device } from "../../fleet/device.ts";
import { RETURN_WINDOW_MS } from "../../server/limits.ts";
import { StatementCheck } from "../../server/statement-check.ts";
import type { Director } from "../../trust/director.ts";
import { sha256Hex, verifyStatement } from "../../trust/verify/index.ts";
import { readText } from "../context.ts";
import { CliError } from "../errors.ts";
import { EXPORT_LINE_CHARACTERS_MAX } from "../limits.ts";
import { MANIFEST_FILE, partFile } from "./export-folder.ts";

const BLOCK_BYTES = 1 << 20;

export interface FromExport {
  /** As of when; default: when it was exported. ms since the epoch */
  readonly atMs?: number | undefined;
  /** Of the authority that certified the devices: has their signatures verified. It never comes from the export itself. */
  readonly authorityPem?: string | undefined;
  /** Versions of the director whose people may have signed; with none, the permit's signatures are not verified. */
  readonly directors: readonly Director[];
}

/** Throws ERR_AFTER_ACTION_EXPORT, ERR_CAMPAIGN_LEDGER_LINE, ERR_CLI_FILE. */
export async function reportFromExport(directory: string, { atMs, authorityPem, directors }: FromExport): Promise<Report> {
  const manifest = readManifest(directory);
  const file = (part: ExportPart) => partFile(directory, part);
  const campaign = campaignOf(readText(file("campaign")));
  if (campaign.id !== manifest.campaignId) throw refuse(`it holds ${campaign.id}, not ${manifest.campaignId}`);
  if (directors.length > 0) await checkPermit(campaign, directors);
  const cohort = await readCohort(readText(file("cohort")), campaign);
  const ledger = [...fromLedgerLines(readText(file("ledger")))];
  const check = verifyLedger(ledger);
  if (!check.ok) throw refuse(`the ledger is broken at entry ${check.seq} (${check.problem}): ${check.message}`);
  const nowMs = atMs ?? manifest.exportedMs;
  const orders = Array.from(linesOf(file("orders")), orderOf);
  const caseFile: CaseFile = { campaign, orders, ledger: ledgerFacts(ledger, campaign.id, nowMs) };
  const context = contextOf(caseFile, nowMs, RETURN_WINDOW_MS);
  const builder = new ReportBuilder(caseFile, context);
  const cases = byDevice(
    onlyOf(cohort, campaign.permit, map(linesOf(file("devices")), deviceOf)),
    map(linesOf(file("evidence")), evidenceOf),
  );
  const statements = authorityPem === undefined ? undefined : new StatementCheck(authorityPem);
  for await (const _row of judgeAll(builder, cases, context, { statements }));
  return builder.finish(signatureCheck(statements));
}

function readManifest(directory: string): ExportManifest {
  const manifest = manifestOf(readText(join(directory, MANIFEST_FILE), "the export"));
  for (const part of EXPORT_PARTS) {
    const hash = createHash("sha256");
    for (const block of blocksOf(partFile(directory, part))) hash.update(block);
    if (hash.digest("hex") !== manifest.files[part].sha256) throw refuse(`${part}.jsonl is not as it was exported`);
  }
  return manifest;
}

async function checkPermit({ permit, signed }: Campaign, directors: readonly Director[]): Promise<void> {
  const jws = new TextEncoder().encode(signed.permit);
  for (const director of directors) {
    const verified = await verifyStatement(jws, { director, statement: "permit" }).catch(() => undefined);
    if (verified === undefined) continue;
    if (Bun.deepEquals(JSON.parse(new TextDecoder().decode(verified.payload)), permit)) return;
    throw refuse("the campaign's permit is not the one that people signed");
  }
  throw refuse("the permit is signed by nobody whom the directors given here list");
}

async function readCohort(line: string, campaign: Campaign): Promise<RoaringBitmap32> {
  const { permit, targeted } = campaign;
  const bytes = cohortOf(line);
  if ((await sha256Hex(bytes)) !== permit.cohort_sha256) throw refuse("the cohort is not the one of the permit");
  const cohort = RoaringBitmap32.deserialize("portable", bytes);
  const joined = joinedCount(campaign);
  if (cohort.size + joined !== targeted)
    throw refuse(`the cohort has ${cohort.size} devices, ${joined} joined, and the campaign has ${targeted}`);
  return cohort;
}

/** Besides the cohort as many newcomers as people signed, of their model. What else they matched when they joined, their facts of now do not say. */
function* onlyOf(cohort: RoaringBitmap32, { newcomers }: Campaign["permit"], devices: Iterable<Device>): Iterable<Device> {
  let joined = 0;
  for (const device of devices) {
    const { ordinal, vendor, name } = device;
    if (!cohort.has(ordinal)) {
      joined += 1;
      const isMeant = newcomers !== undefined && vendor === newcomers.criteria.vendor && name === newcomers.criteria.name;
      if (!isMeant) throw refuse(`device ${ordinal} is not in the cohort, and is no newcomer that the permit allows`);
      if (joined > newcomers.count_max) throw refuse(`more newcomers joined than the ${newcomers.count_max} that people signed`);
    }
    yield device;
  }
}

function* map<T, R>(items: Iterable<T>, change: (item: T, number: number) => R): Iterable<R> {
  let number = 0;
  for (const item of items) yield change(item, ++number);
}

function* linesOf(path: string): Iterable<string> {
  const decoder = new StringDecoder("utf8");
  let rest = "";
  for (const block of blocksOf(path)) {
    const lines = (rest + decoder.write(block)).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > EXPORT_LINE_CHARACTERS_MAX) throw refuse(`a line of ${path} is longer than ${EXPORT_LINE_CHARACTERS_MAX} characters`);
    yield* lines;
  }
  if (rest !== "") yield rest;
}

function* blocksOf(path: string): Iterable<Buffer> {
  const source = opened(path);
  try {
    for (;;) {
      const block = Buffer.allocUnsafe(BLOCK_BYTES);
      const read = readSync(source, block);
      if (read === 0) return;
      yield block.subarray(0, read);
    }
  } finally {
    closeSync(source);
  }
}

function opened(path: string): number {
  try {
    return openSync(path, "r");
  } catch (cause) {
    throw new CliError("ERR_CLI_FILE", `a part of the export cannot be read: ${path}`, { cause });
  }
}

function refuse(why: string): AfterActionError {
  return new AfterActionError("ERR_AFTER_ACTION_EXPORT", `the export cannot be believed: ${why}`);
}
