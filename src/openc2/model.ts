/**
 * What OpenC2 LS 1.0 says, as types: the one internal model behind every dialect. The shapes are those of the LS 1.0
 * JSON, so a value of these types can be printed as it stands. Values made by the parser are deeply frozen.
 */
import type { DeviceModel, ProcessTarget, XIotArgs, XIotResults } from "./profiles/x-iot/model.ts";
import type { XSwupArgs, XSwupResults, Software } from "./profiles/x-swup/model.ts";

export type JsonValue = null | boolean | number | string | readonly JsonValue[] | JsonObject;
export interface JsonObject {
  readonly [name: string]: JsonValue;
}

/** LS 1.0 §3.3.1.1. The list is closed (§3.1.4: SHALL NOT be extended). */
export const ACTIONS = [
  "scan",
  "locate",
  "query",
  "deny",
  "contain",
  "allow",
  "start",
  "stop",
  "restart",
  "cancel",
  "set",
  "update",
  "redirect",
  "create",
  "delete",
  "detonate",
  "restore",
  "copy",
  "investigate",
  "remediate",
] as const;
export type Action = (typeof ACTIONS)[number];

export const RESPONSE_TYPES = ["none", "ack", "status", "complete"] as const;
export type ResponseType = (typeof RESPONSE_TYPES)[number];

export type Feature = "versions" | "profiles" | "pairs" | "rate_limit";

/** Exactly one member. Targets of profiles are flat keys `nsid:name` (LS 1.0 §3.1.4). */
export type Target =
  | { readonly "x-swup:software": Software }
  | { readonly "x-iot:model": DeviceModel }
  | { readonly process: ProcessTarget }
  | { readonly command: string }
  | { readonly features: readonly Feature[] }
  | JsonObject;

export interface Args {
  /** ms since the epoch; absent means now (LS 1.0 §3.3.1.4). */
  readonly start_time?: number;
  readonly stop_time?: number;
  /** ms */
  readonly duration?: number;
  /** Absent means complete. */
  readonly response_requested?: ResponseType;
  readonly "x-swup"?: XSwupArgs;
  readonly "x-iot"?: XIotArgs;
  readonly [extension: string]: JsonValue | XSwupArgs | XIotArgs | undefined;
}

export interface Command {
  readonly action: Action;
  readonly target: Target;
  readonly args?: Args;
  readonly actuator?: JsonObject;
  /** `^\S{0,36}$` */
  readonly command_id?: string;
}

export const STATUSES = [102, 200, 400, 401, 403, 404, 500, 501, 503] as const;
export type Status = (typeof STATUSES)[number];

export interface Results {
  readonly versions?: readonly string[];
  readonly profiles?: readonly string[];
  readonly pairs?: { readonly [action: string]: readonly string[] };
  readonly rate_limit?: number;
  readonly "x-swup"?: XSwupResults;
  readonly "x-iot"?: XIotResults;
  readonly [extension: string]: JsonValue | XSwupResults | XIotResults | undefined;
}

export interface Response {
  readonly status: Status;
  readonly status_text?: string;
  readonly results?: Results;
}

/** Envelope headers (HTTPS v1.1 §3.3.2). `created` is ms since the epoch. */
export interface Headers {
  readonly request_id?: string;
  readonly created?: number;
  readonly from?: string;
  readonly to?: readonly string[];
}

declare class Mark {
  private readonly mark: true;
}

/**
 * What has passed the validator. The mark exists for the type checker alone, and only the validator gives it; it is a private member
 * because a copy with something changed (`{ ...command, args }`) does not get those.
 */
export type Validated<T> = T & Mark;

/** A message to be written. What was read is a ReadMessage, which is also one of these. */
export type Message =
  | {
      readonly kind: "request";
      readonly headers: Headers;
      readonly command: Command;
      /** For people; only the LS 2.0 draft has a place for it, the other dialects leave it out. */
      readonly comment?: string;
    }
  | { readonly kind: "response"; readonly headers: Headers; readonly response: Response };
