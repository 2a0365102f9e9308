/** The errors of the after-action. Evidence cannot make it fail, whatever it says; an export that was changed, or a wish that cannot be, can. */
import { EdictError, type ErrorTable } from "../openc2/edict-error.ts";

export type AfterActionErrorCode =
  | "ERR_AFTER_ACTION_COUNT"
  | "ERR_AFTER_ACTION_ORDER"
  | "ERR_AFTER_ACTION_SAMPLE"
  | "ERR_AFTER_ACTION_EXPORT"
  | "ERR_AFTER_ACTION_COMPARE";

export const AFTER_ACTION_ERRORS: ErrorTable<AfterActionErrorCode> = {
  ERR_AFTER_ACTION_COUNT: {
    actor: "us",
    retry: false,
    status: 500,
    help: "The verdicts are not exactly one per targeted device; judge the campaign again from its evidence.",
  },
  ERR_AFTER_ACTION_ORDER: {
    actor: "us",
    retry: false,
    status: 500,
    help: "Devices and their evidence are read in ascending order of ordinals; check the store, or export again.",
  },
  ERR_AFTER_ACTION_SAMPLE: {
    actor: "operator",
    retry: false,
    status: 400,
    help: "Ask for bounds and a confidence above 0 and below 100 %, of whole numbers with 0 <= hits <= size <= population.",
  },
  ERR_AFTER_ACTION_EXPORT: {
    actor: "operator",
    retry: false,
    status: 400,
    help: "Export it again with `edict report ID --export DIR`; if nobody was to change it, keep the folder and raise an alarm.",
  },
  ERR_AFTER_ACTION_COMPARE: {
    actor: "operator",
    retry: false,
    status: 400,
    help: "Compare two reports of this version of Edict, both in JSON.",
  },
};

export class AfterActionError extends EdictError<AfterActionErrorCode> {
  constructor(code: AfterActionErrorCode, message: string, options?: { cause?: unknown }) {
    super(code, AFTER_ACTION_ERRORS[code], message, options);
  }
}
