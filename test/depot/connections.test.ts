/** Deadlines of connections, on real sockets with the time told (abuse case 15). */
import { afterEach, expect, test } from "bun:test";
import { connect, createServer, type TLSSocket } from "node:tls";
import { Connections } from "../../src/depot/connections.ts";
import { Figures } from "../../src/depot/figures.ts";
import { READER_STALL_MS, REQUEST_TIMEOUT_MS } from "../../src/depot/limits.ts";
import { DEVICE_ID, deviceCertificate, serverCertificate, tlsOf } from "./world.ts";

const cleanUp: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const clean of cleanUp.splice(0).reverse()) await clean();
});

/** Both ends of a connection. */
async function pair(): Promise<{ near: TLSSocket; far: TLSSocket }> {
  const { certPem, keyPem, caPem: ca } = tlsOf(serverCertificate);
  const server = createServer({ cert: certPem, key: keyPem });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const accepted = new Promise<TLSSocket>((resolve) => server.once("secureConnection", resolve));
  const { certPem: cert, keyPem: key } = tlsOf(deviceCertificate);
  const far = connect({ host: "127.0.0.1", port: typeof address === "object" ? (address?.port ?? 0) : 0, ca, cert, key });
  far.on("error", () => far.destroy());
  const near = await accepted;
  near.on("error", () => near.destroy());
  cleanUp.push(
    () => new Promise((resolve) => server.close(resolve)),
    () => Promise.all([closing(far), far.destroy()]),
  );
  return { near, far };
}

function closing(socket: TLSSocket): Promise<unknown> {
  return socket.closed ? Promise.resolve() : new Promise((resolve) => socket.once("close", resolve));
}

function connectionsInCare(): Connections {
  const connections = new Connections(new Figures());
  cleanUp.push(() => connections.close(0));
  return connections;
}

test("a connection that brings no request in time is closed, one that does is not", async () => {
  const connections = connectionsInCare();
  const [slow, prompt] = [await pair(), await pair()];
  for (const { near } of [slow, prompt]) expect(connections.admit(near, DEVICE_ID)).toBe(true);
  connections.answerBegins(prompt.near);
  connections.sweep(performance.now() + REQUEST_TIMEOUT_MS + 1);
  await closing(slow.far);
  expect([slow.near.destroyed, prompt.near.destroyed]).toEqual([true, false]);
});

test("a reader that takes nothing is closed, one that takes its bytes is not", async () => {
  const connections = connectionsInCare();
  const { near } = await pair();
  connections.admit(near, DEVICE_ID);
  connections.answerBegins(near);
  near.write("some");
  const startMs = performance.now();
  connections.sweep(startMs + READER_STALL_MS - 1);
  near.write("more");
  connections.sweep(startMs + READER_STALL_MS * 1.5);
  expect(near.destroyed).toBe(false);
  connections.sweep(startMs + READER_STALL_MS * 3);
  expect(near.destroyed).toBe(true);
});

test("closing lets an answer under way finish, and takes nobody new", async () => {
  const connections = new Connections(new Figures());
  const [busy, idle, late] = [await pair(), await pair(), await pair()];
  for (const { near } of [busy, idle]) connections.admit(near, DEVICE_ID);
  connections.answerBegins(busy.near);
  const closed = connections.close(60_000);
  await closing(idle.far);
  expect(busy.near.destroyed).toBe(false);
  expect(connections.admit(late.near, DEVICE_ID)).toBe(false);
  connections.answerEnds(busy.near);
  await closed;
  expect(busy.near.destroyed).toBe(true);
});
