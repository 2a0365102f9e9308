/** What other rooms use of the after-action. */
export { byDevice, type DeviceCase } from "./by-device.ts";
export { type CaseFile, contextOf, ledgerFacts } from "./case-file.ts";
export { compareReports } from "./compare.ts";
export { renderCra } from "./cra/render-cra.ts";
export { AFTER_ACTION_ERRORS, AfterActionError, type AfterActionErrorCode } from "./errors.ts";
export {
  campaignOf,
  cohortOf,
  deviceOf,
  evidenceOf,
  EXPORT_PARTS,
  EXPORT_SCHEMA,
  type ExportManifest,
  type ExportPart,
  manifestOf,
  orderOf,
  toLine,
} from "./export-lines.ts";
export { followUpOf } from "./follow-up.ts";
export { isUncertain, judge, type JudgeContext } from "./judge.ts";
export { judgeAll, signatureCheck, type StatementChecker } from "./judge-all.ts";
export { ReportBuilder } from "./report-builder.ts";
export { type DeviceRow, REPORT_SCHEMA, type Report } from "./report-model.ts";
export { renderComparison } from "./render-comparison.ts";
export { CSV_HEADER, csvLine } from "./render-csv.ts";
export { renderHtml } from "./render-html.ts";
export { renderTerminal, type TerminalOptions } from "./render-terminal.ts";
export { isExposed } from "./verdict-facts.ts";
export { type Estimate, estimateOf } from "./verification/estimate.ts";
export { askingOrder } from "./verification/asking-order.ts";
export { planVerification, type VerificationPlan, type VerificationWish } from "./verification/plan.ts";
