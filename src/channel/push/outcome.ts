/** What an HTTP answer to a command means: in most cases an OpenC2 response, which is read and held against what was asked. Pure. */
import { type ReadMessage, parseMessage } from "../../openc2/index.ts";
import { EdictError } from "../../openc2/edict-error.ts";
import { type Response, type ResponseType, type Status, STATUSES } from "../../openc2/model.ts";
import { ChannelError } from "../errors.ts";
import type { Habits } from "./habits.ts";

export type Outcome =
  | { readonly kind: "response"; readonly status: Status; readonly response: Response }
  /** The command was handed over, and nothing more is to be heard of it. Says nothing of what becomes of it. */
  | { readonly kind: "accepted" }
  /** Not accepted, and no more was said. */
  | { readonly kind: "refused"; readonly status: Status };

export interface HttpReply {
  readonly status: number;
  readonly body: Uint8Array;
}

export interface Asked {
  readonly requestId: string;
  readonly requested: ResponseType;
}

/** Throws ERR_CHANNEL_RESPONSE. */
export function outcomeOf({ status, body }: HttpReply, { requestId, requested }: Asked, habits: Habits): Outcome {
  if (body.length === 0) return outcomeOfNothing(status, requested);
  const { headers, response } = read(body, status, habits);
  const isGood = response.status === 200 || response.status === 102;
  // Some make up an id when they could not read ours. A good answer under another id is an answer to something else.
  if (isGood && headers.request_id !== undefined && headers.request_id !== requestId)
    throw wrong(`the response is to "${headers.request_id}", not to "${requestId}"`);
  if (habits.status === "mirrored" && status !== (response.status === 102 ? 200 : response.status))
    throw wrong(`the response says ${response.status}, HTTP says ${status}`);
  return { kind: "response", status: response.status, response };
}

/** HTTPS v1.1 is silent on it: 200 or 204 for none is what there is. */
function outcomeOfNothing(status: number, requested: ResponseType): Outcome {
  if (status !== 200 && status !== 204) {
    const known = STATUSES.find((one) => one === status);
    // 1xx and 2xx without a body promise what they do not hold.
    if (known === undefined && status < 300) throw wrong(`nothing but HTTP ${status}`);
    return { kind: "refused", status: known ?? (status < 500 ? 400 : 500) };
  }
  if (requested === "none") return { kind: "accepted" };
  throw wrong(`a response was asked for (${requested}), and there is none`);
}

function read(body: Uint8Array, status: number, { language }: Habits): Extract<ReadMessage, { kind: "response" }> {
  try {
    const message = parseMessage(body, { dialect: language.dialect, tolerate: language.tolerate, profiles: "any" });
    if (message.kind === "response") return message;
  } catch (cause) {
    if (!(cause instanceof EdictError)) throw cause;
    throw wrong(`HTTP ${status} with what is no OpenC2 response: ${cause.message}`, cause);
  }
  throw wrong(`HTTP ${status} with a command for an answer`);
}

function wrong(why: string, cause?: unknown): ChannelError {
  return new ChannelError("ERR_CHANNEL_RESPONSE", why, { cause });
}
