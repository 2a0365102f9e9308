/** A channel that is called off while it is dialled: no device may hold one that it does not know of, nor stay awake for it. */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { once } from "node:events";
import type { AddressInfo, Socket } from "node:net";
import { createServer, type Server, type TLSSocket } from "node:tls";
import { Connection } from "../../src/agent/connection.ts";
import { createAuthority, issueDevice, issueServer } from "../../src/trust/sign/certificate-authority.ts";

let gateway: Server;
let config: ConstructorParameters<typeof Connection>[0];
/** What any device has said to it. */
let heard = "";

beforeAll(async () => {
  const nowMs = Date.now();
  const authority = await createAuthority("devices", { nowMs });
  const server = await issueServer(authority, { names: ["127.0.0.1"], nowMs });
  const device = await issueDevice(authority, { id: "urn:dev:ops:32473-dialling", nowMs });
  gateway = createServer({ cert: server.certificatePem, key: server.privateKeyPem, minVersion: "TLSv1.3" });
  gateway.on("secureConnection", (socket: TLSSocket) => {
    socket.on("data", (bytes) => (heard += bytes.toString()));
    socket.on("error", () => {});
  });
  // That a handshake is broken off is what is wanted.
  gateway.on("tlsClientError", () => {});
  gateway.listen(0, "127.0.0.1");
  await once(gateway, "listening");
  config = {
    gateway: `https://127.0.0.1:${(gateway.address() as AddressInfo).port}`,
    tls: { caPem: authority.certificatePem, certPem: device.certificatePem, keyPem: device.privateKeyPem },
  };
});
afterAll(() => gateway.close());

test("a channel that is closed while it is dialled never opens, and its socket is closed", async () => {
  let opened = 0;
  const connection = new Connection(config, { onOpen: () => (opened += 1), onMessage: async () => {} });
  const arrives = once(gateway, "connection") as Promise<[Socket]>;
  const run = connection.run();
  connection.close("the device stops");
  expect(await run).toBe("the device stops");
  const [socket] = await arrives;
  // It may be reset: that is closed too.
  socket.on("error", () => {});
  if (!socket.destroyed) await new Promise((closed) => void socket.once("close", closed));
  expect([opened, heard]).toEqual([0, ""]);
}, 5_000);
