/** What other rooms use of the after-action. */
export { judge, uncertain, type JudgeContext } from "./judge.ts";
export { countVerdicts, type VerdictCounts } from "./counts.ts";
export { AFTER_ACTION_ERRORS, AfterActionError, type AfterActionErrorCode } from "./errors.ts";
export { buildReport, type ReportInput } from "./report.ts";
export { REPORT_SCHEMA, type Report } from "./report-model.ts";
export { renderCsv } from "./render-csv.ts";
export { renderHtml } from "./render-html.ts";
export { renderTerminal, type TerminalOptions } from "./render-terminal.ts";
