/** What other rooms use of the after-action. */
export { judge, uncertain, type JudgeContext } from "./judge.ts";
export { countVerdicts, type VerdictCounts } from "./counts.ts";
export { AFTER_ACTION_ERRORS, AfterActionError, type AfterActionErrorCode } from "./errors.ts";
