/** What the API gives of one campaign's after-action, in each format: a document, or a stream of lines when there is one per device. */
import {
  CSV_HEADER,
  csvLine,
  type ExportPart,
  followUpOf,
  renderCra,
  renderHtml,
  renderTerminal,
  type Report,
  toLine,
  type VerificationWish,
} from "../after-action/index.ts";
import type { Campaign } from "../campaign/campaign.ts";
import type { CountsView, ReportRequest, Reports } from "./reports.ts";
import { StatementCheck } from "./statement-check.ts";
import type { StartOptions, VerificationView, Verifications } from "./verification.ts";

/** One document each. */
export const DOCUMENT_FORMATS = ["json", "html", "pdf", "text", "cra", "follow-up"] as const;
/** One line per device. */
export const ROW_FORMATS = ["csv", "jsonl"] as const;
export type DocumentFormat = (typeof DOCUMENT_FORMATS)[number];
export type RowFormat = (typeof ROW_FORMATS)[number];

export interface ReportTerms {
  /** As of when; default: now. ms since the epoch */
  readonly atMs?: number | undefined;
  readonly isChecked: boolean;
}

export class CampaignReports {
  readonly #campaign: Campaign;
  readonly #reports: Reports;
  readonly #verifications: Verifications;
  readonly #authorityPem: string;

  constructor(campaign: Campaign, reports: Reports, verifications: Verifications, authorityPem: string) {
    this.#campaign = campaign;
    this.#reports = reports;
    this.#verifications = verifications;
    this.#authorityPem = authorityPem;
  }

  async document(format: DocumentFormat, columns: number, terms: ReportTerms): Promise<string | Uint8Array> {
    return renderDocument(await this.#reports.report(this.#campaign, this.#request(terms)), format, columns);
  }

  async *lines(format: RowFormat, terms: ReportTerms): AsyncIterable<string> {
    const { rows, nowMs } = this.#reports.rows(this.#campaign, this.#request(terms));
    if (format === "csv") yield CSV_HEADER;
    for await (const row of rows) yield format === "csv" ? csvLine(row, nowMs) : toLine(row);
  }

  counts(): Promise<CountsView> {
    return this.#reports.counts(this.#campaign);
  }

  exported(part: ExportPart): Iterable<string> {
    return this.#reports.exported(this.#campaign, part);
  }

  startVerification(wish: VerificationWish, options: StartOptions): Promise<VerificationView> {
    return this.#verifications.start(this.#campaign, wish, options);
  }

  askNext(ratePerSecond?: number): Promise<VerificationView> {
    return this.#verifications.ask(this.#campaign, ratePerSecond);
  }

  verification(): Promise<VerificationView> {
    return this.#verifications.look(this.#campaign);
  }

  #request({ atMs, isChecked }: ReportTerms): ReportRequest {
    return { atMs, ...(isChecked && { statements: new StatementCheck(this.#authorityPem) }) };
  }
}

/** The same for whoever has a report: the server, and the command line with an export. */
export async function renderDocument(report: Report, format: DocumentFormat, columns: number): Promise<string | Uint8Array> {
  switch (format) {
    case "json":
      return JSON.stringify(report);
    case "html":
      return renderHtml(report);
    case "pdf":
      // The library that makes it is loaded by whoever wants one.
      return (await import("../after-action/pdf/render-pdf.ts")).renderPdf(report);
    case "text":
      return renderTerminal(report, { columns });
    case "cra":
      return renderCra(report);
    case "follow-up":
      return JSON.stringify(followUpOf(report));
  }
}
