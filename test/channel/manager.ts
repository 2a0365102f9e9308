/** The manager's side for the tests: orders in memory, every report kept, and real signatures on everything. */
import { RoaringBitmap32 } from "roaring-wasm";
import { InProcessBackplane } from "../../src/channel/backplane/in-process.ts";
import type { Admission, GatewayReport, ManagerSide, Order, SendOrder } from "../../src/channel/backplane/port.ts";
import { type Gateway, startGateway } from "../../src/channel/gateway/index.ts";
import type { Director, Statement } from "../../src/trust/director.ts";
import { denyListPayload, holdPayload, type Permit, permitPayload } from "../../src/trust/permit.ts";
import { addSignature, generateSigner, makeDirector, type Signer, sign } from "../../src/trust/sign/index.ts";
import { type Authority, createAuthority, type Issued, issueDevice, issueServer } from "../../src/trust/sign/certificate-authority.ts";
import { sha256Hex } from "../../src/trust/verify/index.ts";
import { TestDevice } from "./device.ts";

const CAMPAIGN = "campaign-1";
const encoder = new TextEncoder();

export interface LogLine {
  readonly level: "debug" | "info" | "warn" | "error";
  readonly facts: object;
  readonly message: string;
}

interface SendOptions {
  readonly cohort?: readonly number[];
  readonly targets: readonly number[];
  readonly command?: string;
  readonly commandId?: string;
  readonly frame?: Uint8Array;
  readonly answers?: boolean;
  readonly repeats?: boolean;
  readonly ratePerSecond?: number;
  readonly permit?: Partial<Permit>;
  readonly order?: Partial<SendOrder>;
}

export class TestManager implements ManagerSide {
  readonly backplane = new InProcessBackplane(this);
  readonly orders: Order[] = [];
  readonly reports: GatewayReport[] = [];
  readonly logged: LogLine[] = [];
  readonly authority: Authority;
  readonly author: Signer;
  readonly approver: Signer;
  readonly director: Director;
  readonly server: Issued;
  /** Commits fail while this is set. */
  isDown = false;
  /** Added to the real time. */
  skewMs = 0;
  readonly clock = { nowMs: () => Date.now() + this.skewMs };
  readonly #waiting = new Set<() => void>();
  #gateway: Gateway | undefined;

  constructor(authority: Authority, server: Issued, author: Signer, approver: Signer) {
    this.authority = authority;
    this.server = server;
    this.author = author;
    this.approver = approver;
    this.director = makeDirector({ name: "isp", version: 1, signers: [author, approver] });
  }

  static async create(): Promise<TestManager> {
    const nowMs = Date.now();
    const authority = await createAuthority("test authority", { nowMs });
    const server = await issueServer(authority, { names: ["localhost", "127.0.0.1"], nowMs });
    return new TestManager(authority, server, await generateSigner("author@isp"), await generateSigner("approver@isp"));
  }

  /** `caPem`: the authorities whose devices are let in, if not our own. */
  async start({ caPem = this.authority.certificatePem, parts = 1 } = {}): Promise<Gateway> {
    const write = (level: LogLine["level"]) => (facts: object, message: string) => void this.logged.push({ level, facts, message });
    this.#gateway = await startGateway({
      name: "gateway-1",
      hostname: "127.0.0.1",
      port: 0,
      parts,
      tls: { certPem: this.server.certificatePem, keyPem: this.server.privateKeyPem, caPem },
      director: this.director,
      backplane: this.backplane,
      clock: this.clock,
      log: { debug: write("debug"), info: write("info"), warn: write("warn"), error: write("error") },
    });
    return this.#gateway;
  }

  async stop(): Promise<void> {
    await this.#gateway?.stop({ delayMs: 10 });
  }

  /** Devices are called urn:dev:ops:32473-test-<ordinal>, another tenant's urn:dev:ops:32473-other-<n>. */
  admit(deviceId: string): Admission {
    if (deviceId.startsWith("urn:dev:ops:32473-other-")) return { ok: false, reason: "ERR_CHANNEL_OTHER_TENANT" };
    const ordinal = Number(/^urn:dev:ops:32473-test-(\d+)$/.exec(deviceId)?.[1] ?? "-1");
    return ordinal < 0 ? { ok: false, reason: "ERR_CHANNEL_UNKNOWN_DEVICE" } : { ok: true, ordinal, tenant: "isp" };
  }

  ordersAfter(seq: number): readonly Order[] {
    return this.orders.filter((order) => order.seq > seq);
  }

  commit(batch: readonly GatewayReport[]): void {
    if (this.isDown) throw new Error("the manager is down");
    this.reports.push(...batch);
    for (const look of this.#waiting) look();
  }

  of<Kind extends GatewayReport["kind"]>(kind: Kind): readonly Extract<GatewayReport, { kind: Kind }>[] {
    return this.reports.filter((report): report is Extract<GatewayReport, { kind: Kind }> => report.kind === kind);
  }

  /** Resolves when the reports fulfil the condition. */
  async until(isTrue: () => boolean): Promise<void> {
    if (isTrue()) return;
    await new Promise<void>((resolve) => {
      const look = () => {
        if (!isTrue()) return;
        this.#waiting.delete(look);
        resolve();
      };
      this.#waiting.add(look);
    });
  }

  /** A device that checks in before the gateway knows of an order is sent it like those that stand, whatever it remembers. */
  async applied({ seq }: SendOrder): Promise<void> {
    while ((this.#gateway?.stats().ordersSeq ?? 0) < seq) await new Promise((resolve) => setImmediate(resolve));
  }

  sentTo(): readonly number[] {
    return this.of("sent").flatMap(({ ordinals }) => RoaringBitmap32.deserialize("portable", ordinals).toArray());
  }

  /** A device with a standing channel that has not checked in. */
  async dial(ordinal: number): Promise<TestDevice> {
    const device = await this.connect(await this.issue(ordinal));
    await device.opened;
    return device;
  }

  async stand(ordinal: number, seen: readonly string[] = [], version?: string): Promise<TestDevice> {
    const device = await this.dial(ordinal);
    device.checkIn(seen, version);
    return device;
  }

  connect(identity?: Issued): Promise<TestDevice> {
    const port = this.#gateway?.port ?? 0;
    return TestDevice.dial({ port, caPem: this.authority.certificatePem, ...(identity && { identity }) });
  }

  async checkedIn(count: number): Promise<void> {
    await this.until(() => this.of("check-in").length >= count);
  }

  issue(ordinal: number): Promise<Issued> {
    return issueDevice(this.authority, { id: deviceId(ordinal), nowMs: Date.now() });
  }

  async signed(payload: Uint8Array, statement: Statement, signers = [this.author, this.approver]): Promise<Uint8Array> {
    const [first = this.author, ...others] = signers;
    let jws = await sign(payload, statement, first);
    for (const other of others) jws = await addSignature(jws, statement, other, payload);
    return encoder.encode(jws);
  }

  async send(options: SendOptions): Promise<SendOrder> {
    const { targets, cohort = targets, command = "an OpenC2 message", commandId = "command-1", answers = false, repeats = true } = options;
    const payload = encoder.encode(command);
    const cohortBytes = new RoaringBitmap32(cohort).serialize("portable");
    const permit: Permit = {
      campaign_id: CAMPAIGN,
      tenant: "isp",
      commands: [await sha256Hex(payload)],
      cohort_sha256: await sha256Hex(cohortBytes),
      count_max: cohort.length,
      rate_max_per_second: 100_000,
      not_before: Date.now() - 1_000,
      not_after: Date.now() + 3_600_000,
      halt: { failed_share_max: 0.01, missing_share_max: 0.01 },
      ...options.permit,
    };
    const order: SendOrder = {
      seq: this.orders.length + 1,
      kind: "send",
      campaignId: CAMPAIGN,
      commandId,
      frame: options.frame ?? (await this.signed(payload, "command")),
      permit: await this.signed(permitPayload(permit), "permit"),
      cohort: cohortBytes,
      targets: new RoaringBitmap32(targets).serialize("portable"),
      sent: new RoaringBitmap32().serialize("portable"),
      answers,
      repeats,
      notAfterMs: permit.not_after,
      ratePerSecond: options.ratePerSecond ?? 100_000,
      ...options.order,
    };
    this.#add(order);
    return order;
  }

  async hold(kind: "stop" | "resume", atMs: number = Date.now(), campaignId = CAMPAIGN): Promise<void> {
    const payload = holdPayload({ campaign_id: campaignId, at_ms: atMs, reason: "test" });
    const statement = await this.signed(payload, kind, kind === "stop" ? [this.author] : undefined);
    this.#add({ seq: this.orders.length + 1, kind, campaignId, statement });
  }

  /** As after a halt: the manager's own word. */
  pause(campaignId = CAMPAIGN): void {
    this.#add({ seq: this.orders.length + 1, kind: "pause", campaignId });
  }

  async deny(version: number, ordinals: readonly number[], released: readonly number[] = []): Promise<void> {
    const lists = { devices: ordinals.map(deviceId), released: released.map(deviceId) };
    const payload = denyListPayload({ version, created_ms: Date.now(), ...lists });
    const statement = await this.signed(payload, "deny-list", [this.author]);
    this.#add({ seq: this.orders.length + 1, kind: "deny", campaignId: "", statement });
  }

  #add(order: Order): void {
    this.orders.push(order);
    this.backplane.nudge();
  }
}

export function deviceId(ordinal: number): string {
  return `urn:dev:ops:32473-test-${ordinal}`;
}
