/**
 * One attacker in a process of its own: it does one thing, again and again, as fast as it can with a few connections at once. It has the
 * certificate of a real device. Arguments: the facts as JSON. Says how often it has tried when it is asked.
 */
import type { Socket } from "bun";
import { encodeFrame, OPCODES, upgradeRequest } from "../../../src/channel/wire/index.ts";

export interface AttackFacts {
  readonly attack: Attack;
  readonly port: number;
  readonly authorityPem: string;
  readonly certificatePem: string;
  readonly privateKeyPem: string;
}

export const ATTACKS = ["half-open", "handshakes", "slowloris", "giant heads", "pings", "empty fragments"] as const;
export type Attack = (typeof ATTACKS)[number];

const AT_ONCE = 8;
const SLOW_CONNECTIONS = 500;
const SLOW_BYTE_MS = 500;
const HALF_OPEN_PER_MS = 1;
const MASK = new Uint8Array(4);
const KEY = "dGhlIHNhbXBsZSBub25jZQ==";

/** What is written after the upgrade was granted, or instead of it. */
const afterUpgrade: { readonly [attack in Attack]?: Uint8Array } = {
  pings: Buffer.concat(Array.from({ length: 2_000 }, () => encodeFrame(OPCODES.ping, new Uint8Array(8), MASK))),
  "empty fragments": Buffer.concat([Uint8Array.of(0x01, 0x80, 0, 0, 0, 0), Buffer.from("008000000000".repeat(5_000), "hex")]),
};
const head = Buffer.from(`GET / HTTP/1.1\r\n${"X: y\r\n".repeat(10_000)}`);

let attempts = 0;

if (import.meta.main) {
  begin(JSON.parse(process.argv[2] ?? "") as AttackFacts);
  for await (const _line of console) console.log(JSON.stringify({ event: "attempts", attempts }));
}

function begin(facts: AttackFacts): void {
  if (facts.attack === "half-open") setInterval(() => void dialPlain(facts), HALF_OPEN_PER_MS);
  else for (let index = 0; index < (facts.attack === "slowloris" ? SLOW_CONNECTIONS : AT_ONCE); index += 1) void again(facts);
}

async function again(facts: AttackFacts): Promise<never> {
  for (;;) await once(facts).catch(() => Bun.sleep(1));
}

/** A connection on which nothing is ever said; the gateway ends it. */
async function dialPlain({ port }: AttackFacts): Promise<void> {
  attempts += 1;
  await Bun.connect({ hostname: "127.0.0.1", port, socket: { data() {} } }).catch(() => {});
}

/** Resolves when the gateway has closed the connection. */
async function once({ attack, port, authorityPem, certificatePem, privateKeyPem }: AttackFacts): Promise<void> {
  attempts += 1;
  const { promise, resolve } = Promise.withResolvers<void>();
  // Of handshakes without a certificate nobody learns who made them.
  const identity = attack === "handshakes" ? {} : { cert: certificatePem, key: privateKeyPem };
  await Bun.connect({
    hostname: "127.0.0.1",
    port,
    tls: { ca: authorityPem, serverName: "localhost", ...identity },
    socket: {
      handshake: (socket) => say(attack, socket),
      data: (socket) => void socket.write(afterUpgrade[attack] ?? ""),
      close: () => resolve(),
      error: () => resolve(),
    },
  });
  await promise;
}

function say(attack: Attack, socket: Socket): void {
  if (attack === "giant heads") socket.write(head);
  else if (attack === "slowloris") dribble(socket, 0);
  else if (attack !== "handshakes") socket.write(upgradeRequest("localhost", KEY));
}

function dribble(socket: Socket, at: number): void {
  if (socket.readyState < 1) return;
  socket.write(head.subarray(at, at + 1));
  setTimeout(() => dribble(socket, at + 1), SLOW_BYTE_MS);
}
