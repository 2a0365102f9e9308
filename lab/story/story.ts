/** The chapters of the story, in the order of the use case. Each does what operators would do by hand with `edict`. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { DeviceRow, Report } from "../../src/after-action/index.ts";
import { devicesText } from "../../src/after-action/wording.ts";
import { CampaignProgress } from "../../src/cli/campaign-progress.ts";
import { renderDryRun } from "../../src/cli/render-dry-run.ts";
import type { DeviceFacts } from "../../src/fleet/device.ts";
import { import2018 } from "../../src/openc2/import-2018/index.ts";
import type { DraftRequest } from "../../src/server/api/schemas.ts";
import type { CampaignView } from "../../src/server/api/views.ts";
import type { StoryOptions } from "./arguments.ts";
import { takingPart } from "./canary.ts";
import { Field } from "./field.ts";
import { chooseMisfits, MISFITS, type Misfit } from "./misfits.ts";
import { makeOutcome, type Outcome, type OutcomeParts } from "./outcome.ts";
import { seededRandom } from "./random.ts";
import type { Teller } from "./teller.ts";
import { disagreements } from "./verdict-check.ts";
import { COUNTERS, makeFleet, MODEL, NEW_VERSION } from "./webcams.ts";
import { type Signature, signatureLine, signersOfAuthority, signersOfCampaign, signersOfRelease } from "./who-signed.ts";

const USE_CASE = join(import.meta.dir, "../../examples/use-case-18.json.txt");
const ENDED = ["done", "halted", "expired", "stopped", "cancelled"];

/**
 * An emergency: short soaks. The steps of the ladder and the signatures stay as they are. A wave does not wait for the few who never come
 * back, and has long enough for a machine that is busy with something else: a thousand devices boot on it. It also lasts so long where one of
 * its devices is not there, because the manager has just started and knows nobody as absent yet.
 */
const LADDER = { soakMs: 500, settleMaxMs: 15_000, settledShare: 0.75 };

export interface Judged {
  readonly report: Report;
  /** One per device. */
  readonly rows: readonly DeviceRow[];
}

export class Story {
  protected readonly options: StoryOptions;
  protected readonly directory: string;
  protected readonly teller: Teller;
  readonly #signed: Signature[] = [];
  #field: Field | undefined;

  constructor(options: StoryOptions, directory: string, teller: Teller) {
    this.options = options;
    this.directory = directory;
    this.teller = teller;
  }

  async tell(): Promise<Outcome> {
    const { devices, seed } = this.options;
    const startedMs = performance.now();
    this.teller.line(`Edict: the use case "No Response Software Update", ${devices} webcams, seed ${seed}.`);
    const random = seededRandom(seed);
    const fleet = makeFleet(devices, random);
    const { imported, command } = this.readUseCase();
    const misfits = chooseMisfits(takingPart(fleet, command.command_id).others, random);

    const field = await this.makeField(fleet, misfits);
    await this.connect(field, fleet);
    this.#showImport(imported);
    const campaign = await this.draft(field, command, LADDER);
    await this.#meanwhile(field, misfits);
    await this.approve(field, campaign.id);
    // It is back when nearly all is over: the command still waits for it.
    await this.watch(field, campaign.id, () =>
      field.webcams.tell({ say: "power-on", webcams: [field.spec(misfits, "switched-off")], overMs: 0 }),
    );
    const judged = await this.#afterAction(field, campaign.id, misfits);
    return this.#conclude(field, judged, misfits, performance.now() - startedMs);
  }

  /** Leaves everything running until somebody ends it. */
  async stay(): Promise<void> {
    const edict = `npx edict --state ${this.directory}`;
    this.teller.line("\nEverything stays up until Ctrl-C. In another terminal:");
    for (const verb of ["status", "report wc17_9674309", "ledger verify", "deny"]) this.teller.line(`   ${edict} ${verb}`);
    await this.#field?.serveExited();
  }

  async end(): Promise<void> {
    await this.#field?.end();
  }

  /** The schema of the API validates the command; what an import leaves open comes from the release. */
  protected readUseCase(): { imported: ReturnType<typeof import2018>; command: DraftRequest["command"] } {
    const imported = import2018(readFileSync(USE_CASE, "utf8"));
    return { imported, command: imported.command as DraftRequest["command"] };
  }

  protected async makeField(fleet: readonly DeviceFacts[], misfits: readonly Misfit[]): Promise<Field> {
    const { seed, payload } = this.options;
    this.teller.chapter("A world: authority, director, release, webcams");
    const field = await Field.make({
      directory: this.directory,
      fleet,
      misfits,
      seed,
      payloadBytes: payload,
      onEnrolled: (done) =>
        this.teller.progress(`${done} of ${fleet.length} webcams have key, certificate and disk`, done === fleet.length),
    });
    this.teller.line(`   ${MODEL} ${NEW_VERSION} is published: ${payload} bytes.`);
    this.#tellSigned(await signersOfRelease(field.world.state, NEW_VERSION), ...signersOfAuthority(field.world.state));
    this.#field = field;
    return field;
  }

  protected async connect(field: Field, fleet: readonly DeviceFacts[]): Promise<void> {
    this.teller.chapter("The manager with its gateway and depot starts, and the webcams dial");
    await field.serve();
    await field.importDevices(fleet);
    const on = field.specs.filter(({ misfit }) => misfit !== "switched-off");
    await field.connect(on, (connected) => {
      this.teller.progress(`${connected} of ${on.length} channels stand (TLS 1.3, client certificates)`, connected >= on.length);
    });
  }

  #showImport({ changes }: ReturnType<typeof import2018>): void {
    this.teller.chapter("The command, as the use case of 2018 prints it, becomes OpenC2 1.0");
    for (const { line, was, now, why } of changes) {
      this.teller.line(`   line ${String(line).padStart(2)}  ${was} -> ${now === "" ? "(left out)" : now}`);
      this.teller.line(`            ${why}`);
    }
  }

  protected async draft(
    field: Field,
    command: DraftRequest["command"],
    ladder: NonNullable<DraftRequest["ladder"]>,
  ): Promise<CampaignView> {
    this.teller.chapter("Dry run; the author signs");
    const { dryRun, campaign } = await field.client().draft({
      command,
      expiresInMs: 3_600_000,
      ladder,
    });
    for (const line of renderDryRun(dryRun)) this.teller.line(`   ${line}`);
    if (campaign === undefined) throw new Error("the server kept no draft");
    const signed = await field.sign(campaign, "author");
    this.teller.line(`   Signed by ${signed.signedBy.join(", ")}: ${signed.state}. Nothing is sent on one signature.`);
    return campaign;
  }

  /** Between draft and approval the world goes on: the cohort is frozen, the devices are not. */
  async #meanwhile(field: Field, misfits: readonly Misfit[]): Promise<void> {
    await field.webcams.tell({
      say: "update-by-hand",
      webcam: field.spec(misfits, "by-itself"),
      image: field.world.imageFile,
      version: NEW_VERSION,
      counter: COUNTERS[NEW_VERSION] ?? 0,
    });
    await field.deny(field.spec(misfits, "revoked").id);
    this.teller.line("   Meanwhile one owner updates a webcam by hand, and one certificate is put on the deny list.");
  }

  protected async approve(field: Field, id: string): Promise<void> {
    this.teller.chapter("The approver signs; the canary answers, the rest is told not to");
    const view = await field.sign(await field.client("approver").campaign(id), "approver");
    this.teller.line(`   Signed by ${view.signedBy.join(" and ")}: ${view.state}.`);
    this.#tellSigned(...(await signersOfCampaign(view, field.world.state.director)));
  }

  #tellSigned(...signatures: readonly Signature[]): void {
    this.#signed.push(...signatures);
    for (const signature of signatures) this.teller.line(`   ${signatureLine(signature)}`);
  }

  protected async watch(field: Field, id: string, onLastWave: () => Promise<void> = async () => {}): Promise<void> {
    const progress = new CampaignProgress();
    let isInLastWave = false;
    await field.until(async () => {
      const view = await field.client().campaign(id);
      const hasEnded = ENDED.includes(view.state);
      this.teller.progress(progress.line(view, performance.now()), hasEnded);
      if (view.wave === view.waves.length - 1 && !isInLastWave) {
        isInLastWave = true;
        await onLastWave();
      }
      return hasEnded;
    }, 600_000);
  }

  /** The report and its rows as they are now. */
  protected async read(field: Field, id: string): Promise<Judged> {
    const report = JSON.parse(await textOf(field.client().report(id, "json"))) as Report;
    const lines = (await textOf(field.client().report(id, "jsonl"))).trimEnd().split("\n");
    return { report, rows: lines.map((line) => JSON.parse(line) as DeviceRow) };
  }

  async #afterAction(field: Field, id: string, misfits: readonly Misfit[]): Promise<Judged> {
    this.teller.chapter("After-action: check-ins first, then polite queries to those still uncertain");
    const { asked } = await field.client().ask(id);
    this.teller.line(`   ${devicesText(asked)} asked.`);
    let judged = await this.read(field, id);
    // The last answers may still be on their way: wait for them, but not for ever.
    await field
      .until(async () => {
        judged = await this.read(field, id);
        return disagreements(judged.report, judged.rows, misfits).length === 0;
      }, 30_000)
      .catch(() => undefined);
    return judged;
  }

  /** Returns the HTML file. */
  protected async showReport(field: Field, report: Report): Promise<string> {
    const { id } = report.campaign;
    const html = join(this.directory, "reports", `${id}.html`);
    writeFileSync(html, await textOf(field.client().report(id, "html")));
    writeFileSync(html.replace(/html$/, "json"), JSON.stringify(report, null, 2));
    this.teller.line(`\n${await textOf(field.client().report(id, "text", { columns: this.teller.columns }))}`);
    return html;
  }

  protected outcome(told: Pick<OutcomeParts, "report" | "rows" | "wrong" | "html" | "elapsedMs">): Outcome {
    return makeOutcome({ ...told, options: this.options, signed: this.#signed, stateDirectory: this.directory });
  }

  async #conclude(field: Field, { report, rows }: Judged, misfits: readonly Misfit[], elapsedMs: number): Promise<Outcome> {
    const html = await this.showReport(field, report);
    this.teller.chapter("Was it so?");
    for (const { id: device, kind } of misfits) {
      const row = rows.find((candidate) => candidate.id === device);
      this.teller.line(
        `   ${(device.split(":").at(-1) ?? device).padEnd(28)} ${(row?.verdict ?? "no verdict").padEnd(15)} ${MISFITS[kind].story}`,
      );
    }
    const wrong = disagreements(report, rows, misfits);
    for (const sentence of wrong.slice(0, 20)) this.teller.line(`   WRONG: ${sentence}`);
    const outcome = this.outcome({ report, rows, wrong, html, elapsedMs });
    const seconds = (elapsedMs / 1_000).toFixed(1);
    this.teller.line(`\n   Report: ${html}`);
    this.teller.line(
      `   ${outcome.ok ? "All of it held" : "It did NOT hold"}: ${report.targeted} targeted, ${report.upstreamBytesForNone} bytes in answer to none, ${seconds} s.`,
    );
    return outcome;
  }
}

async function textOf(response: Promise<Response>): Promise<string> {
  return (await response).text();
}
