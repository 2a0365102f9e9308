/**
 * The manager's end of the backplane between processes of one machine: a unix socket that only this user can open. Parts of the
 * gateway come and go; the manager's database stays the truth, and a part that dies takes only its own channels with it.
 */
import { chmodSync, rmSync } from "node:fs";
import type { Socket, UnixSocketListener } from "bun";
import type { Clock } from "../../../trust/clock.ts";
import { ChannelError } from "../../errors.ts";
import { BACKPLANE_ORDER_BYTES_MAX, HEARTBEAT_MS, REPORTS_PER_BATCH } from "../../limits.ts";
import type { GatewayLog } from "../../gateway/log.ts";
import type { PartBoard } from "../../stats/part-board.ts";
import type { GatewayReport, ManagerSide, Order } from "../port.ts";
import { Link } from "./link.ts";
import { type FromManager, type FromPart, MessageReader } from "./messages.ts";
import { type Part, Roster } from "./roster.ts";

interface ServerOptions {
  readonly path: string;
  readonly manager: ManagerSide;
  /** Where the words of parts of themselves are kept; without it nobody wants to know. */
  readonly board?: PartBoard;
  readonly clock: Clock;
  readonly log: GatewayLog;
}

interface Session extends Part {
  name: string;
  readonly link: Link<FromManager>;
  readonly reader: MessageReader<FromPart>;
}

export class SocketBackplaneServer {
  readonly #options: ServerOptions;
  readonly #roster = new Roster();
  readonly #sessions = new Set<Session>();
  #listener: UnixSocketListener<Session> | undefined;
  #heartbeat: ReturnType<typeof setInterval> | undefined;

  constructor(options: ServerOptions) {
    this.#options = options;
  }

  /** Parts that are there now. */
  get parts(): readonly string[] {
    return [...this.#sessions].map(({ name }) => name);
  }

  start(): void {
    const { path } = this.#options;
    // Left behind by a manager that was killed; whoever holds the state directory may take it away.
    rmSync(path, { force: true });
    this.#listener = Bun.listen<Session>({
      unix: path,
      socket: {
        open: (socket) => this.#open(socket),
        data: (socket, chunk) => this.#receive(socket.data, chunk),
        drain: (socket) => socket.data.link.drain(),
        close: (socket) => this.#close(socket.data),
        error: (socket, error) => this.#options.log.warn({ err: error, part: socket.data.name }, "the way to a part fails"),
      },
    });
    chmodSync(path, 0o600);
    this.#heartbeat = setInterval(() => this.nudge(), HEARTBEAT_MS);
  }

  stop(): void {
    clearInterval(this.#heartbeat);
    this.#listener?.stop(true);
    rmSync(this.#options.path, { force: true });
  }

  /** Tells every part that there is something new, or that the manager lives. */
  nudge(): void {
    for (const { link } of this.#sessions) link.send({ kind: "nudge" });
  }

  #open(socket: Socket<Session>): void {
    const link = new Link<FromManager>(socket);
    const tellElsewhere = (ordinal: number) => link.send({ kind: "elsewhere", ordinal });
    socket.data = { name: "", link, reader: new MessageReader(), tellElsewhere };
    this.#sessions.add(socket.data);
    this.#roster.join(socket.data);
  }

  #receive(session: Session, chunk: Uint8Array): void {
    try {
      for (const message of session.reader.push(chunk)) this.#answer(session, message);
    } catch (cause) {
      if (!(cause instanceof ChannelError)) throw cause;
      this.#options.log.error({ err: cause, part: session.name }, "a part is not understood");
      session.link.end();
    }
  }

  #answer(session: Session, message: FromPart): void {
    if (message.kind === "hello") {
      session.name = message.part;
      session.link.send({ kind: "nudge" });
      return;
    }
    if (message.kind === "stats") {
      this.#options.board?.note(session.name, message.stats);
      return;
    }
    try {
      session.link.send(this.#ask(session, message));
    } catch (cause) {
      this.#options.log.error({ err: cause, part: session.name }, "the manager cannot answer; the part asks again");
      session.link.send({ kind: "failed", id: message.id, message: String(cause) });
    }
  }

  #ask(session: Session, message: Extract<FromPart, { id: number }>): FromManager {
    const { manager } = this.#options;
    const { id } = message;
    switch (message.kind) {
      case "admit":
        return { kind: "admission", id, admission: manager.admit(message.deviceId) };
      case "orders":
        return { kind: "orders", id, ...asManyAsFit(manager.ordersAfter(message.after)) };
      case "report":
        manager.commit(this.#roster.believed(session, message.batch));
        this.#roster.note(session, message.batch);
        return { kind: "committed", id };
    }
  }

  /** A part has died, and its channels with it: nobody else can say so. */
  #close(session: Session): void {
    this.#sessions.delete(session);
    const { board, clock, log, manager } = this.#options;
    board?.leave(session.name);
    const atMs = clock.nowMs();
    const left = this.#roster.leave(session);
    log.warn({ part: session.name, channels: left.length }, "a part of the gateway has gone");
    for (let at = 0; at < left.length; at += REPORTS_PER_BATCH) {
      const ordinals = left.slice(at, at + REPORTS_PER_BATCH);
      const batch = ordinals.map((ordinal): GatewayReport => ({ kind: "disconnected", ordinal, atMs, reason: "gateway-gone" }));
      try {
        manager.commit(batch);
      } catch (cause) {
        log.error({ err: cause, part: session.name }, "that its channels are gone could not be committed");
      }
    }
  }
}

/** At least one, so that asking again always comes further. */
function asManyAsFit(orders: readonly Order[]): { readonly orders: readonly Order[]; readonly isAll: boolean } {
  let bytes = 0;
  const firstTooMany = orders.findIndex((order, index) => (bytes += bytesOf(order)) > BACKPLANE_ORDER_BYTES_MAX && index > 0);
  return firstTooMany < 0 ? { orders, isAll: true } : { orders: orders.slice(0, firstTooMany), isAll: false };
}

function bytesOf(order: Order): number {
  if (order.kind === "pause") return 0;
  if (order.kind !== "send") return order.statement.length;
  return order.frame.length + order.permit.length + order.cohort.length + order.targets.length + order.sent.length;
}
