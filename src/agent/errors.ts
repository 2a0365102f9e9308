/** Why a device does not do what it is told, and what went wrong while it did. The status goes into an answer, if one is wanted. */
import { EdictError, type ErrorTable } from "../openc2/edict-error.ts";

export type AgentErrorCode =
  | "ERR_AGENT_CONFIG"
  | "ERR_AGENT_STATE"
  | "ERR_AGENT_NOT_MINE"
  | "ERR_AGENT_HARDWARE"
  | "ERR_AGENT_VERSION"
  | "ERR_AGENT_BUSY"
  | "ERR_AGENT_UNSUPPORTED"
  | "ERR_AGENT_DISAGREE"
  | "ERR_AGENT_COUNTER"
  | "ERR_AGENT_PRECURSOR"
  | "ERR_AGENT_DIGEST"
  | "ERR_AGENT_EXPIRED"
  | "ERR_AGENT_HEALTH"
  | "ERR_AGENT_CANCELLED"
  | "ERR_AGENT_INSTALL"
  | "ERR_AGENT_PROTECTED"
  | "ERR_AGENT_PROCESS"
  | "ERR_AGENT_RESTART"
  | "ERR_AGENT_ENROLMENT";

const producer = { actor: "producer", retry: false } as const;

export const AGENT_ERRORS: ErrorTable<AgentErrorCode> = {
  ERR_AGENT_CONFIG: { actor: "operator", retry: false, status: 500, help: "Mend device.json, or enrol the device again." },
  ERR_AGENT_STATE: { actor: "us", retry: false, status: 500, help: "The device's state file is damaged: enrol it again and report this." },
  ERR_AGENT_NOT_MINE: { ...producer, status: 404, help: "The command is for another device, model or software than this." },
  ERR_AGENT_HARDWARE: { ...producer, status: 404, help: "The release does not run on this hardware." },
  ERR_AGENT_VERSION: { ...producer, status: 404, help: "The device does not run the version that the command updates from." },
  ERR_AGENT_BUSY: { ...producer, retry: true, status: 503, help: "Another command is under way; cancel it or wait." },
  ERR_AGENT_UNSUPPORTED: { ...producer, status: 501, help: "Ask `query features` what the device supports." },
  ERR_AGENT_DISAGREE: {
    ...producer,
    status: 403,
    help: "The command and the manufacturer's repository do not name the same bytes: raise an alarm.",
  },
  ERR_AGENT_COUNTER: { ...producer, status: 403, help: "The release is not newer than what the device has run: a rollback is refused." },
  ERR_AGENT_PRECURSOR: {
    ...producer,
    status: 403,
    help: "The release may not be installed over what this device runs: update it to one of the release's precursors first.",
  },
  ERR_AGENT_DIGEST: {
    ...producer,
    status: 403,
    help: "The bytes that arrived are not those that were signed: look at the depot or cache.",
  },
  ERR_AGENT_EXPIRED: { ...producer, status: 403, help: "The command's time was over before the device could finish." },
  ERR_AGENT_HEALTH: {
    actor: "producer",
    retry: false,
    status: 500,
    help: "The new version failed its health check and was rolled back: look at the release.",
  },
  ERR_AGENT_CANCELLED: { ...producer, status: 404, help: "There is nothing left to cancel, or it is too late." },
  ERR_AGENT_ENROLMENT: {
    actor: "operator",
    retry: true,
    status: 503,
    help: "Do what the message says; the device asks again by itself (docs/operate/enrolment.md).",
  },
  ERR_AGENT_PROTECTED: {
    ...producer,
    status: 403,
    help: "A process that matches is one that the device receives commands by; nothing was stopped. Name the other more exactly.",
  },
  ERR_AGENT_PROCESS: {
    actor: "device",
    retry: true,
    status: 500,
    help: "A process would not end, or is started again and again: restart the device, or update it.",
  },
  ERR_AGENT_RESTART: { actor: "device", retry: true, status: 500, help: "Look at restartCommand in the device's device.json." },
  ERR_AGENT_INSTALL: { actor: "device", retry: true, status: 500, help: "Look at the device's disk." },
};

export class AgentError extends EdictError<AgentErrorCode> {
  constructor(code: AgentErrorCode, message: string, options?: { cause?: unknown }) {
    super(code, AGENT_ERRORS[code], message, options);
  }
}
