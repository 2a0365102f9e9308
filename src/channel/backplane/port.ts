/**
 * The backplane: manager to gateways and back. The manager's database is the truth. A gateway is nudged by a push and
 * reconciles by asking "what is after N?"; what it reports it keeps until the manager has committed it. Everything here
 * is plain data (bytes, numbers, strings), so that it can travel over a network as it stands.
 */
import type { CheckIn } from "../wire/messages.ts";
import type { Response } from "../../openc2/model.ts";

interface OrderBase {
  /** Position in the manager's log of orders, from 1, without gaps. */
  readonly seq: number;
  readonly campaignId: string;
}

export interface Release {
  readonly vendor: string;
  readonly name: string;
  readonly version: string;
  /** The manufacturer's release counter: the higher, the newer. */
  readonly counter: number;
}

/** Send one signed command to a set of devices. The gateway verifies the permit itself and treats the frame as opaque bytes. */
export interface SendOrder extends OrderBase {
  readonly kind: "send";
  readonly commandId: string;
  /** JWS general JSON, UTF-8. */
  readonly frame: Uint8Array;
  /** JWS over a Permit (trust/permit.ts), UTF-8. */
  readonly permit: Uint8Array;
  /** Portable roaring serialisation of the whole frozen cohort; its digest stands in the permit. */
  readonly cohort: Uint8Array;
  /** Portable roaring serialisation of those to send to now: of the cohort, and of the newcomers that the permit allows. */
  readonly targets: Uint8Array;
  /** Portable roaring serialisation of those already sent to when the gateway asked (after a restart). */
  readonly sent: Uint8Array;
  /** Whether the command asks for a response; if not, upward bytes are counted against it. */
  readonly answers: boolean;
  /** Send it again to a device that returns and does not remember it. Not for queries: they are asked once. */
  readonly repeats: boolean;
  /** Sent only while it is open: from `opensMs` (since the epoch) for `lengthMs`, and every day again. Absent means always. */
  readonly window?: { readonly opensMs: number; readonly lengthMs: number };
  /** What an update makes of a device; absent when it is no update. The manager's word: only for sending less. */
  readonly makes?: Release;
  /** Not sent from then on. ms since the epoch. */
  readonly notAfterMs: number;
  readonly ratePerSecond: number;
}

/** Stop sending this campaign at once; `resume` lifts that, and a pause. `statement` is the signed JWS that says so. */
export interface HoldOrder extends OrderBase {
  readonly kind: "stop" | "resume";
  readonly statement: Uint8Array;
}

/**
 * Send no update of this campaign until it is resumed. Not signed: it is the manager's own word, which can only keep things from being
 * sent, and the manager could do that by silence as well. Queries and what stops things still go out.
 */
export interface PauseOrder extends OrderBase {
  readonly kind: "pause";
}

/** The newest deny list (signed JWS). Enforced at connect, at send and on open channels. */
export interface DenyOrder extends OrderBase {
  readonly kind: "deny";
  readonly statement: Uint8Array;
}

/** The next version of the authority map or of a director: for devices, and a gateway follows its own director by it. */
export interface TrustOrder extends OrderBase {
  readonly kind: "trust";
  /** Root metadata in TUF's form, JSON, UTF-8. */
  readonly statement: Uint8Array;
}

export type Order = SendOrder | HoldOrder | PauseOrder | DenyOrder | TrustOrder;

export type GatewayReport =
  | { readonly kind: "connected"; readonly ordinal: number; readonly atMs: number }
  | { readonly kind: "disconnected"; readonly ordinal: number; readonly atMs: number; readonly reason: string }
  | { readonly kind: "refused"; readonly deviceId?: string; readonly atMs: number; readonly reason: string }
  | { readonly kind: "check-in"; readonly ordinal: number; readonly atMs: number; readonly checkIn: CheckIn; readonly statement?: string }
  | { readonly kind: "response"; readonly ordinal: number; readonly atMs: number; readonly requestId: string; readonly response: Response }
  /** Two live channels of one identity were closed. An alarm. `addresses`: where they came from, the older first. */
  | { readonly kind: "cloned"; readonly ordinal: number; readonly atMs: number; readonly addresses: readonly string[] }
  /** Everybody who stands here, told when the way to the manager was lost and found. Portable roaring serialisation. */
  | { readonly kind: "standing"; readonly atMs: number; readonly ordinals: Uint8Array }
  /** Portable roaring serialisation of those sent to since the last such report of this order. */
  | { readonly kind: "sent"; readonly seq: number; readonly atMs: number; readonly ordinals: Uint8Array }
  /** The permit or the order was refused: nothing was sent. An alarm. */
  | { readonly kind: "order-refused"; readonly seq: number; readonly atMs: number; readonly code: string; readonly message: string }
  /** Application bytes that came up in answer to a command that asked for none (see gateway/upstream-counter.ts). */
  | { readonly kind: "unasked-bytes"; readonly seq: number; readonly ordinal: number; readonly bytes: number; readonly atMs: number };

export type Admission =
  | { readonly ok: true; readonly ordinal: number; readonly tenant: string }
  | { readonly ok: false; readonly reason: string };

/** What a gateway is told without having asked. */
export interface GatewayEars {
  /** There is something new; and at least every 5 s as a sign of life. */
  readonly onNudge: () => void;
  /** The device has come back to another part of the gateway: the channel here is what is left of an older connection, or a clone's. */
  readonly onElsewhere: (ordinal: number) => void;
  /** The way to the manager was lost and is found: it wants to know who stands here. */
  readonly onFound: () => void;
}

/** What a gateway sees of the manager. */
export interface Backplane {
  /** Who is this device? Asked once per connection, after the certificate was verified. */
  admit(deviceId: string): Promise<Admission>;
  /** Every order with a higher seq, ascending. */
  ordersAfter(seq: number): Promise<readonly Order[]>;
  /** Resolves when the manager has committed all of it; rejects when it has not (the gateway keeps it and tries again). */
  report(batch: readonly GatewayReport[]): Promise<void>;
  /** Returns the way to stop listening. */
  subscribe(ears: GatewayEars): () => void;
}

/** What the manager offers to a backplane. */
export interface ManagerSide {
  admit(deviceId: string): Admission;
  ordersAfter(seq: number): readonly Order[];
  /** Commits the whole batch or throws. */
  commit(batch: readonly GatewayReport[]): void;
}
