/** What operators can do, as one object: the API validates and calls it. Rules live in the rooms; this puts them together. */
import { RoaringBitmap32 } from "roaring-wasm";
import type { Campaign } from "../campaign/campaign.ts";
import type { Driver } from "../campaign/driver.ts";
import { CampaignError } from "../campaign/errors.ts";
import { keepCheckpoint } from "../campaign/keep-checkpoint.ts";
import { membersOf } from "../campaign/newcomers.ts";
import { toLedgerLine } from "../campaign/ledger-lines.ts";
import { enforcePolicy, type Finding } from "../campaign/policy.ts";
import type { CampaignStore, Observer } from "../campaign/ports.ts";
import { EnrolmentDesk } from "../enrolment/desk/desk.ts";
import type { EnrolmentStore } from "../enrolment/desk/store.ts";
import type { ImportDesk } from "../fleet/import/import-desk.ts";
import type { ImportJob } from "../fleet/import/import-job.ts";
import type { ImportFormat } from "../fleet/import/reader.ts";
import { writeDevices } from "../fleet/import/writer.ts";
import { parseCohortQuery } from "../fleet/cohort-query.ts";
import type { Device, Provenance } from "../fleet/device.ts";
import { FleetError } from "../fleet/errors.ts";
import type { FleetStore } from "../fleet/store.ts";
import type { Clock } from "../trust/clock.ts";
import type { DraftRequest, PlaybookRequest, Signatures } from "./api/schemas.ts";
import type { CampaignView, DraftView, PlaybookDraftView, StatusView } from "./api/views.ts";
import { overlapsOf, viewOf } from "./campaign-view.ts";
import { Drafting } from "./drafting.ts";
import { ServerError } from "./errors.ts";
import { IMPORT_PATIENCE_MS, QUERY_RATE_PER_SECOND } from "./limits.ts";
import type { LiveView } from "./live-view.ts";
import { type LoadReport, loadReport } from "./load-report.ts";
import type { Quarantine } from "./quarantine.ts";
import { CampaignReports } from "./campaign-reports.ts";
import { Reports } from "./reports.ts";
import { Verifications, type VerificationStore } from "./verification.ts";
import type { State } from "./state-directory.ts";
import type { TrustBook } from "./trust-book.ts";
import { type TrustView, trustView } from "./api/trust-view.ts";

export interface ManagementPorts {
  readonly state: State;
  readonly fleet: FleetStore;
  readonly campaigns: CampaignStore;
  readonly enrolments: EnrolmentStore;
  readonly verifications: VerificationStore;
  readonly quarantine: Quarantine;
  readonly imports: ImportDesk;
  readonly live: LiveView;
  readonly observer: Observer;
  readonly driver: Driver;
  readonly trust: TrustBook;
  readonly clock: Clock;
}

export class ManagementService {
  readonly enrolment: EnrolmentDesk;
  readonly #ports: ManagementPorts;
  readonly #drafting: Drafting;
  readonly #reports: Reports;
  readonly #verifications: Verifications;
  #channelPorts = { gateway: 0, depot: 0 };

  constructor(ports: ManagementPorts) {
    this.#ports = ports;
    this.#drafting = new Drafting(ports);
    this.#reports = new Reports(ports);
    this.#verifications = new Verifications(ports, this.#reports);
    this.enrolment = new EnrolmentDesk({
      store: ports.enrolments,
      deviceOf: (id) => this.#deviceOf(id),
      isDenied: (id) => this.#isShutOut(id),
      onAct: (act) => void ports.campaigns.appendLedger(act),
      nowMs: () => ports.clock.nowMs(),
    });
  }

  /** Known once they listen. */
  listensOn(ports: { readonly gateway: number; readonly depot: number }): void {
    this.#channelPorts = { gateway: ports.gateway, depot: ports.depot };
  }

  status(): StatusView {
    const { state, fleet, campaigns, live } = this.#ports;
    const { tenant } = state.config;
    return {
      tenant,
      devices: fleet.count(tenant),
      connected: live.presence.connected.size,
      gateway: { port: this.#channelPorts.gateway },
      depot: { port: this.#channelPorts.depot },
      campaigns: campaigns.list(tenant).map((campaign) => ({ id: campaign.id, state: campaign.state, progress: live.counts(campaign) })),
    };
  }

  /** Ended when it is small; else `importView` says how far it is. Throws why it was refused, when that is known by then. */
  async importDevices(chunks: AsyncIterable<Uint8Array>, format: ImportFormat, person: string): Promise<ImportJob> {
    const { imports } = this.#ports;
    const { id } = await imports.receive(chunks, format, person);
    const job = (await imports.wait(id, IMPORT_PATIENCE_MS)) ?? this.importView(id);
    if (job.error !== undefined) throw new FleetError(job.error.code, job.error.message);
    return job;
  }

  importView(id: string): ImportJob {
    const job = this.#ports.imports.view(id);
    if (job === undefined) throw new FleetError("ERR_FLEET_IMPORT_UNKNOWN", `there is no import "${id}"`);
    return job;
  }

  /** What is known of one device, who said it, and when. */
  device(id: string): { device: Device; said: Provenance | undefined } {
    const device = this.#deviceOf(id);
    if (device === undefined) throw new ServerError("ERR_SERVER_NOT_FOUND", `there is no device "${id}"`);
    return { device, said: this.#ports.fleet.provenance(device.ordinal) };
  }

  /** The tenant's devices that the query is true of, all of them without one, in pieces. */
  exportDevices(format: ImportFormat, query?: string): Iterable<string> {
    const { fleet } = this.#ports;
    const found = query === undefined ? RoaringBitmap32.fromRange(0, fleet.count()) : fleet.find(parseCohortQuery(query));
    return writeDevices(this.#ownOf(fleet.devices(found)), format);
  }

  /** `orderedBy`: the OpenC2 producer whose command it is, when it is not this person's own. */
  async draft(request: DraftRequest, person: string, orderedBy?: string): Promise<DraftView> {
    if (request.after !== undefined) this.#get(request.after);
    return this.#drafting.draft(request, person, orderedBy === undefined ? {} : { orderedBy });
  }

  draftPlaybook(request: PlaybookRequest, person: string): Promise<PlaybookDraftView> {
    const { campaigns, state } = this.#ports;
    const isTaken = campaigns
      .list(state.config.tenant)
      .some(({ id, playbook }) => id === request.playbook || playbook === request.playbook);
    if (isTaken) throw new CampaignError("ERR_CAMPAIGN_EXISTS", `there is a campaign or a playbook ${request.playbook} already`);
    return this.#drafting.playbook(request, person);
  }

  /** Of one playbook in the order of its steps, or all. */
  campaigns(playbook?: string): readonly CampaignView[] {
    const all = this.#ports.campaigns.list(this.#ports.state.config.tenant);
    return all.filter((campaign) => playbook === undefined || campaign.playbook === playbook).map((campaign) => this.#view(campaign));
  }

  campaign(id: string): CampaignView {
    return this.#view(this.#get(id));
  }

  /** What the policy says now. */
  async policy(id: string): Promise<readonly Finding[]> {
    const campaign = this.#get(id);
    return this.#drafting.judge(campaign, membersOf(this.#ports.campaigns, campaign));
  }

  /** When its devices start, and what the depot saw of it. */
  load(id: string): Promise<LoadReport> {
    return loadReport(this.#get(id), this.#ports);
  }

  /** What other campaigns have in common with it now: a sentence each. */
  overlaps(id: string): readonly string[] {
    const campaign = this.#get(id);
    return overlapsOf(campaign, membersOf(this.#ports.campaigns, campaign), this.#ports);
  }

  async sign(id: string, signed: Signatures): Promise<CampaignView> {
    // Again, with the facts of this moment: since it was drafted, devices may have opted out and metadata run out.
    if (this.#get(id).state === "draft") enforcePolicy(await this.policy(id));
    return this.#view(await this.#ports.driver.sign(id, signed));
  }

  async hold(id: string, kind: "stop" | "resume", statement: string): Promise<CampaignView> {
    this.#get(id);
    return this.#view(await this.#ports.driver[kind](id, statement));
  }

  pause(id: string, person: string, reason: string): CampaignView {
    this.#get(id);
    return this.#view(this.#ports.driver.pause(id, person, reason));
  }

  async cancel(id: string, { statement, frame }: { readonly statement: string; readonly frame: string }): Promise<CampaignView> {
    this.#get(id);
    return this.#view(await this.#ports.driver.cancel(id, statement, frame));
  }

  /** Takes a draft back; what was approved needs a signed cancel. */
  withdraw(id: string, actor: string): CampaignView {
    this.#get(id);
    return this.#view(this.#ports.driver.withdraw(id, actor));
  }

  async deny(statement: string): Promise<{ version: number; devices: number; quarantined: readonly string[] }> {
    const { driver, quarantine } = this.#ports;
    const { version, devices, released = [] } = await driver.deny(statement);
    quarantine.release(released);
    return { version, devices: devices.length, quarantined: quarantine.devices };
  }

  async denied(): Promise<{ version: number; devices: readonly string[]; quarantined: readonly string[] }> {
    const { driver, quarantine } = this.#ports;
    const { version = 0, devices = [] } = (await driver.denyList()) ?? {};
    return { version, devices, quarantined: quarantine.devices };
  }

  /** The next version of the director or of the authority map; it goes to every device. */
  async publishTrust(document: string, person: string): Promise<TrustView> {
    return trustView(await this.#ports.trust.publish(document, person));
  }

  trust(): TrustView {
    return trustView(this.#ports.trust.authority);
  }

  /** Asks those who have a channel and whose verdict is uncertain; the others cannot answer. */
  async ask(id: string): Promise<{ asked: number }> {
    const { driver, live } = this.#ports;
    const campaign = this.#get(id);
    await this.#reports.report(campaign);
    const targets = RoaringBitmap32.and(this.#reports.uncertain(campaign), live.presence.connected);
    if (!targets.isEmpty) driver.sendQuery(id, targets, QUERY_RATE_PER_SECOND);
    return { asked: targets.size };
  }

  /** The after-action of one campaign. Throws ERR_SERVER_NOT_FOUND. */
  reportOf(id: string): CampaignReports {
    return new CampaignReports(this.#get(id), this.#reports, this.#verifications, this.#ports.state.tls.caPem);
  }

  ledger(): string {
    return [...this.#ports.campaigns.ledger()].map((entry) => `${toLedgerLine(entry)}\n`).join("");
  }

  /** The head of the ledger as a person has seen and signed it. */
  async checkpoint(statement: string): Promise<{ seq: number }> {
    const { campaigns, trust, clock } = this.#ports;
    const { seq } = await keepCheckpoint(campaigns, statement, { director: trust.directors.current, nowMs: clock.nowMs() });
    return { seq };
  }

  *#ownOf(devices: Iterable<Device>): Iterable<Device> {
    for (const device of devices) if (device.tenant === this.#ports.state.config.tenant) yield device;
  }

  #deviceOf(id: string): Device | undefined {
    const device = this.#ports.fleet.byId(id);
    return device?.tenant === this.#ports.state.config.tenant ? device : undefined;
  }

  async #isShutOut(id: string): Promise<boolean> {
    const { devices, quarantined } = await this.denied();
    return devices.includes(id) || quarantined.includes(id);
  }

  /** Another tenant's campaign does not exist for this one. */
  #get(id: string): Campaign {
    const { campaigns, state } = this.#ports;
    const campaign = campaigns.get(id);
    if (campaign === undefined || campaign.tenant !== state.config.tenant)
      throw new ServerError("ERR_SERVER_NOT_FOUND", `there is no campaign "${id}"`);
    return campaign;
  }

  #view(campaign: Campaign): CampaignView {
    return viewOf(campaign, this.#ports);
  }
}
