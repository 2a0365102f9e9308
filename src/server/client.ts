/** The management API's client: one method per verb, typed by the API's own schemas. Used by the command line. */
import { EdictError, type ErrorFacts } from "../openc2/edict-error.ts";
import type { Device, Provenance } from "../fleet/device.ts";
import { FleetError } from "../fleet/errors.ts";
import type { ImportJob } from "../fleet/import/import-job.ts";
import type { ImportFormat } from "../fleet/import/reader.ts";
import type { Claim, Decision, Expected, WaitingRequest } from "../enrolment/claim.ts";
import type { ChannelView } from "./channel-watch.ts";
import type { ExportPart, VerificationWish } from "../after-action/index.ts";
import type { DocumentFormat, RowFormat } from "./campaign-reports.ts";
import type { CountsView } from "./reports.ts";
import type { VerificationView } from "./verification.ts";
import type { TrustView } from "./api/trust-view.ts";
import type { CampaignView, DraftView, PlaybookDraftView, StatusView } from "./api/views.ts";
import type { Finding } from "../campaign/policy.ts";
import type { DraftRequest, PlaybookRequest, Signatures } from "./api/schemas.ts";
import type { LoadReport } from "./load-report.ts";

/** How often a long import is asked about. */
const LOOK_MS = 250;

/** An error that the server answered with: the same code and help as on the server. */
export class RemoteError extends EdictError {}

export type ReportFormat = DocumentFormat | RowFormat;

export interface ReportQuery {
  readonly columns?: number;
  /** As of when; default: now. ms since the epoch */
  readonly atMs?: number | undefined;
  /** Verify the signatures of devices. */
  readonly check?: boolean;
}

export interface ApiClientOptions {
  readonly url: string;
  readonly caPem: string;
  readonly token: string;
}

export class ApiClient {
  readonly #options: ApiClientOptions;

  constructor(options: ApiClientOptions) {
    this.#options = options;
  }

  status(): Promise<StatusView> {
    return this.#json("GET", "/status");
  }

  gateway(): Promise<ChannelView> {
    return this.#json("GET", "/gateway");
  }

  /** Sends a file of devices, of any size, and waits until it is kept whole. Throws why it was refused. */
  async importDevices(file: BodyInit, format: ImportFormat, onProgress: (job: ImportJob) => void = () => {}): Promise<ImportJob> {
    let job = (await (await this.#request("POST", `/devices?format=${format}`, file)).json()) as ImportJob;
    while (job.endedMs === undefined) {
      onProgress(job);
      await new Promise((resolve) => setTimeout(resolve, LOOK_MS));
      job = await this.#json<ImportJob>("GET", `/devices/imports/${job.id}`);
    }
    if (job.error !== undefined) throw new FleetError(job.error.code, job.error.message);
    return job;
  }

  device(id: string): Promise<{ device: Device; said: Provenance }> {
    return this.#json("GET", `/devices/${encodeURIComponent(id)}`);
  }

  /** In pieces, as they arrive. */
  async exportDevices(format: ImportFormat, query?: string): Promise<ReadableStream<Uint8Array>> {
    const wish = query === undefined ? "" : `&query=${encodeURIComponent(query)}`;
    return (await this.#request("GET", `/devices?format=${format}${wish}`)).body ?? new Blob([]).stream();
  }

  draft(request: DraftRequest): Promise<DraftView> {
    return this.#json("POST", "/campaigns", request);
  }

  draftPlaybook(request: PlaybookRequest): Promise<PlaybookDraftView> {
    return this.#json("POST", "/playbooks", request);
  }

  campaigns(): Promise<{ campaigns: CampaignView[] }> {
    return this.#json("GET", "/campaigns");
  }

  /** In the order of its steps; none when there is no such playbook. */
  async stepsOf(playbook: string): Promise<readonly CampaignView[]> {
    return (await this.#json<{ campaigns: CampaignView[] }>("GET", `/campaigns?playbook=${encodeURIComponent(playbook)}`)).campaigns;
  }

  campaign(id: string): Promise<CampaignView> {
    return this.#json("GET", `/campaigns/${encodeURIComponent(id)}`);
  }

  policy(id: string): Promise<{ policy: Finding[]; overlaps: string[] }> {
    return this.#json("GET", `/campaigns/${encodeURIComponent(id)}/policy`);
  }

  load(id: string): Promise<LoadReport> {
    return this.#json("GET", `/campaigns/${encodeURIComponent(id)}/load`);
  }

  sign(id: string, signed: Signatures): Promise<CampaignView> {
    return this.#json("POST", `/campaigns/${encodeURIComponent(id)}/signatures`, signed);
  }

  hold(id: string, kind: "stop" | "resume", statement: string): Promise<CampaignView> {
    return this.#json("POST", `/campaigns/${encodeURIComponent(id)}/${kind}`, { statement });
  }

  pause(id: string, reason: string): Promise<CampaignView> {
    return this.#json("POST", `/campaigns/${encodeURIComponent(id)}/pause`, { reason });
  }

  cancel(id: string, statement: string, frame: string): Promise<CampaignView> {
    return this.#json("POST", `/campaigns/${encodeURIComponent(id)}/cancel`, { statement, frame });
  }

  deny(statement: string): Promise<{ version: number; devices: number; quarantined: string[] }> {
    return this.#json("POST", "/deny", { statement });
  }

  denied(): Promise<{ version: number; devices: string[]; quarantined: string[] }> {
    return this.#json("GET", "/deny");
  }

  trust(): Promise<TrustView> {
    return this.#json("GET", "/trust");
  }

  publishTrust(statement: string): Promise<TrustView> {
    return this.#json("POST", "/trust", { statement });
  }

  expectDevices(devices: readonly Expected[]): Promise<{ expected: number }> {
    return this.#json("POST", "/enrolment/expected", { devices });
  }

  enrolmentRequests(): Promise<{ requests: WaitingRequest[] }> {
    return this.#json("GET", "/enrolment/requests");
  }

  answerEnrolment(request: string, word: "admitted" | "refused"): Promise<WaitingRequest> {
    return this.#json("POST", `/enrolment/requests/${encodeURIComponent(request)}/${word}`);
  }

  /** For the issuing process, with its own token. */
  claim(claim: Claim): Promise<Decision> {
    return this.#json("POST", "/enrolment/claims", claim);
  }

  issued(claim: Claim, certificate: string): Promise<Decision> {
    return this.#json("POST", "/enrolment/certificates", { claim, certificate });
  }

  /** Sends the paced query to the devices whose verdict is still uncertain; says how many. */
  ask(id: string): Promise<{ asked: number }> {
    return this.#json("POST", `/campaigns/${encodeURIComponent(id)}/queries`);
  }

  async report(id: string, format: ReportFormat, { columns = 100, atMs, check = false }: ReportQuery = {}): Promise<Response> {
    const at = atMs === undefined ? "" : `&at=${atMs}`;
    return this.#request("GET", `/campaigns/${encodeURIComponent(id)}/report?format=${format}&columns=${columns}&check=${check}${at}`);
  }

  counts(id: string): Promise<CountsView> {
    return this.#json("GET", `/campaigns/${encodeURIComponent(id)}/counts`);
  }

  /** JSON lines. */
  async exported(id: string, part: ExportPart): Promise<Response> {
    return this.#request("GET", `/campaigns/${encodeURIComponent(id)}/export/${part}`);
  }

  startVerification(id: string, wish: VerificationWish & { readonly dryRun: boolean; readonly anew: boolean }): Promise<VerificationView> {
    return this.#json("POST", `/campaigns/${encodeURIComponent(id)}/verification`, wish);
  }

  verification(id: string): Promise<VerificationView> {
    return this.#json("GET", `/campaigns/${encodeURIComponent(id)}/verification`);
  }

  askNext(id: string, ratePerSecond?: number): Promise<VerificationView> {
    return this.#json("POST", `/campaigns/${encodeURIComponent(id)}/verification/asks`, { ratePerSecond });
  }

  async ledger(): Promise<string> {
    return (await this.#request("GET", "/ledger")).text();
  }

  checkpoint(statement: string): Promise<{ seq: number }> {
    return this.#json("POST", "/ledger/checkpoints", { statement });
  }

  async #json<T>(method: string, path: string, body?: unknown): Promise<T> {
    const text = body === undefined ? undefined : JSON.stringify(body);
    return (await (await this.#request(method, path, text, "application/json")).json()) as T;
  }

  async #request(method: string, path: string, body?: BodyInit, contentType?: string): Promise<Response> {
    const { url, caPem, token } = this.#options;
    const response = await fetch(`${url}/api/v1${path}`, {
      method,
      headers: { authorization: `Bearer ${token}`, ...(contentType !== undefined && { "content-type": contentType }) },
      ...(body !== undefined && { body }),
      tls: { ca: caPem },
    });
    if (!response.ok) throw await remoteError(response);
    return response;
  }
}

async function remoteError(response: Response): Promise<RemoteError> {
  const text = await response.text();
  const status = response.status as ErrorFacts["status"];
  try {
    const { error } = JSON.parse(text) as { error: { code: string; message: string } & ErrorFacts };
    return new RemoteError(error.code, { actor: error.actor, retry: error.retry, status, help: error.help }, error.message);
  } catch {
    return new RemoteError(
      "ERR_SERVER_REQUEST",
      { actor: "us", retry: true, status, help: "Look at the server's log." },
      `${status}: ${text.slice(0, 200)}`,
    );
  }
}
