/** The errors of the after-action. It meets no untrusted input that could make it fail: an error here is our own fault. */
import { EdictError, type ErrorTable } from "../openc2/edict-error.ts";

export type AfterActionErrorCode = "ERR_AFTER_ACTION_COUNT" | "ERR_AFTER_ACTION_SAMPLE";

export const AFTER_ACTION_ERRORS: ErrorTable<AfterActionErrorCode> = {
  ERR_AFTER_ACTION_COUNT: {
    actor: "us",
    retry: false,
    status: 500,
    help: "The verdicts are not exactly one per targeted device; judge the campaign again from its evidence.",
  },
  ERR_AFTER_ACTION_SAMPLE: {
    actor: "us",
    retry: false,
    status: 500,
    help: "A share was asked of a sample that cannot be; give whole numbers with 0 <= hits <= size.",
  },
};

export class AfterActionError extends EdictError<AfterActionErrorCode> {
  constructor(code: AfterActionErrorCode, message: string, options?: { cause?: unknown }) {
    super(code, AFTER_ACTION_ERRORS[code], message, options);
  }
}
