/**
 * The manager of a bench: orders in memory, every signature real, and the real backplane to the gateway's processes. It keeps
 * what a manager must keep of the reports (who was sent to, who stands) and counts the rest.
 */
import { RoaringBitmap32 } from "roaring-wasm";
import { SocketBackplaneServer } from "../../../src/channel/backplane/socket/server.ts";
import type { Admission, GatewayReport, ManagerSide, Order, SendOrder } from "../../../src/channel/backplane/port.ts";
import type { Director, Statement } from "../../../src/trust/director.ts";
import { denyListPayload, holdPayload, type Permit, permitPayload } from "../../../src/trust/permit.ts";
import { addSignature, generateSigner, makeDirector, type Signer, sign } from "../../../src/trust/sign/index.ts";
import { sha256Hex } from "../../../src/trust/verify/index.ts";
import type { Workshop } from "./workshop.ts";

const DEVICE_ID = /^urn:dev:ops:32473-bench-(\d+)$/;
const encoder = new TextEncoder();
const silent = () => {};

interface SendOptions {
  /** Length of the signed command on the wire: one signature below 1,000 bytes, two from there on. */
  readonly bytes: number;
  readonly devices: number;
  readonly ratePerSecond?: number;
  /** A command that stops things: signed by one person, not named in the permit. */
  readonly isStopping?: boolean;
}

export class BenchManager implements ManagerSide {
  readonly director: Director;
  readonly socketPath: string;
  readonly sent = new Map<number, RoaringBitmap32>();
  /** By kind of report. */
  readonly reports = new Map<GatewayReport["kind"], number>();
  /** Told of every device that is asked about. */
  onAdmission: () => void = silent;
  /** Told of every channel that has ended, and when, ms since the epoch. */
  onEnded: (ordinal: number, atMs: number) => void = silent;
  readonly #author: Signer;
  readonly #approver: Signer;
  readonly #orders: Order[] = [];
  readonly #backplane: SocketBackplaneServer;
  #changed: () => void = silent;

  private constructor(socketPath: string, author: Signer, approver: Signer) {
    this.socketPath = socketPath;
    this.#author = author;
    this.#approver = approver;
    this.director = makeDirector({ name: "bench", version: 1, signers: [author, approver] });
    const log = { debug: silent, info: silent, warn: silent, error: (facts: object, message: string) => console.error(message, facts) };
    this.#backplane = new SocketBackplaneServer({ path: socketPath, manager: this, clock: { nowMs: Date.now }, log });
    this.#backplane.start();
  }

  static async start(workshop: Workshop): Promise<BenchManager> {
    return new BenchManager(workshop.path("backplane.sock"), await generateSigner("author@bench"), await generateSigner("approver@bench"));
  }

  stop(): void {
    this.#backplane.stop();
  }

  admit(deviceId: string): Admission {
    this.onAdmission();
    const ordinal = DEVICE_ID.exec(deviceId)?.[1];
    return ordinal === undefined
      ? { ok: false, reason: "ERR_CHANNEL_UNKNOWN_DEVICE" }
      : { ok: true, ordinal: Number(ordinal), tenant: "bench" };
  }

  ordersAfter(seq: number): readonly Order[] {
    return this.#orders.slice(seq);
  }

  commit(batch: readonly GatewayReport[]): void {
    for (const report of batch) {
      this.reports.set(report.kind, (this.reports.get(report.kind) ?? 0) + 1);
      if (report.kind === "order-refused") throw new Error(`the gateway refused the order: ${report.message}`);
      if (report.kind === "disconnected") this.onEnded(report.ordinal, report.atMs);
      if (report.kind === "sent") this.sent.get(report.seq)?.orInPlace(RoaringBitmap32.deserialize("portable", report.ordinals));
    }
    this.#changed();
  }

  /** A permit, a command of exactly so many bytes, and the order to send it to the first so many devices. */
  async prepare({ bytes, devices, ratePerSecond = 10_000_000, isStopping = false }: SendOptions): Promise<SendOrder> {
    const seq = this.#orders.length + 1;
    const campaignId = `campaign-${seq}`;
    const { payload, frame } = await this.#command(bytes, campaignId, isStopping ? "stopping-command" : "command");
    const everybody = new RoaringBitmap32();
    everybody.addRange(0, devices);
    const cohort = everybody.serialize("portable");
    const nowMs = Date.now();
    const permit: Permit = {
      campaign_id: campaignId,
      tenant: "bench",
      commands: isStopping ? [] : [await sha256Hex(payload)],
      cohort_sha256: await sha256Hex(cohort),
      count_max: devices,
      rate_max_per_second: ratePerSecond,
      not_before: nowMs - 1_000,
      not_after: nowMs + 3_600_000,
      halt: { failed_share_max: 0.01, missing_share_max: 0.01 },
    };
    return {
      seq,
      kind: "send",
      campaignId,
      commandId: `command-${seq}`,
      frame,
      permit: await this.#signed(permitPayload(permit), "permit", [this.#author, this.#approver]),
      cohort,
      targets: cohort,
      sent: new RoaringBitmap32().serialize("portable"),
      answers: false,
      repeats: true,
      notAfterMs: nowMs + 3_600_000,
      ratePerSecond,
    };
  }

  /** Gives the order to all parts of the gateway at once. */
  send(order: SendOrder): void {
    this.sent.set(order.seq, new RoaringBitmap32());
    this.#add(order);
  }

  /** Signed by one person, as a stop is. */
  async stopSending(campaignId: string): Promise<void> {
    const payload = holdPayload({ campaign_id: campaignId, at_ms: Date.now(), reason: "bench" });
    const statement = await this.#signed(payload, "stop", [this.#author]);
    this.#add({ seq: this.#orders.length + 1, kind: "stop", campaignId, statement });
  }

  /** The next deny list, signed by two: the first so many devices. */
  async deny(devices: number): Promise<void> {
    const ids = Array.from({ length: devices }, (_, ordinal) => `urn:dev:ops:32473-bench-${ordinal}`);
    const payload = denyListPayload({ version: this.#orders.length + 1, created_ms: Date.now(), devices: ids });
    const statement = await this.#signed(payload, "deny-list", [this.#author, this.#approver]);
    this.#add({ seq: this.#orders.length + 1, kind: "deny", campaignId: "", statement });
  }

  /** Resolves when what was committed fulfils the condition. */
  async until(isTrue: () => boolean): Promise<void> {
    while (!isTrue()) await new Promise<void>((resolve) => (this.#changed = resolve));
  }

  async marked(order: SendOrder, devices: number): Promise<void> {
    await this.until(() => (this.sent.get(order.seq)?.size ?? 0) >= devices);
  }

  #add(order: Order): void {
    this.#orders.push(order);
    this.#backplane.nudge();
  }

  /** base64url grows by four for every three bytes: the last bytes are found by trying. */
  async #command(bytes: number, id: string, statement: Statement): Promise<{ readonly payload: Uint8Array; readonly frame: Uint8Array }> {
    const signers = bytes < 1_000 ? [this.#author] : [this.#author, this.#approver];
    for (let fill = 0; ; fill += 1) {
      const payload = encoder.encode(`{"command_id":"${id}","fill":"${"x".repeat(fill)}"}`);
      const frame = await this.#signed(payload, statement, signers);
      if (frame.length >= bytes) return { payload, frame };
      fill += Math.max(0, Math.floor(((bytes - frame.length) * 3) / 4) - 2);
    }
  }

  async #signed(
    payload: Uint8Array,
    statement: Statement,
    signers: readonly [Signer, ...Signer[]] | readonly Signer[],
  ): Promise<Uint8Array> {
    let jws = "";
    for (const signer of signers) {
      jws = jws === "" ? await sign(payload, statement, signer) : await addSignature(jws, statement, signer, payload);
    }
    return encoder.encode(jws);
  }
}
