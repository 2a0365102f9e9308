/** Attacks on the depot itself: strange certificates, paths, headers, connections (abuse cases 5 and 15). */
import { afterAll, beforeAll, expect, test } from "bun:test";
import { join } from "node:path";
import { connect, type ConnectionOptions, type TLSSocket } from "node:tls";
import "reflect-metadata";
import * as x509 from "@peculiar/x509";
import { CONNECTIONS_PER_DEVICE_MAX, HANDSHAKE_TIMEOUT_MS, REQUEST_HEADER_BYTES_MAX } from "../../src/depot/limits.ts";
import type { Depot } from "../../src/depot/server.ts";
import { createAuthority, type Issued, issueDevice } from "../../src/trust/sign/certificate-authority.ts";
import { silent } from "../silent.ts";
import { authority, DEVICE_ID, deviceCertificate, NOW_MS, serverCertificate, World } from "./world.ts";

const DAY_MS = 86_400_000;
const world = new World();
let depot: Depot & { readonly url: string };
let dir: string;

beforeAll(async () => {
  ({ dir } = await world.published());
  depot = await world.depot(dir);
});
afterAll(() => world.close());

function dial(issued: Issued | undefined, more: ConnectionOptions = {}): TLSSocket {
  const certificate = issued && { cert: issued.certificatePem, key: issued.privateKeyPem };
  const socket = connect({ host: "127.0.0.1", port: depot.port, ca: authority.certificatePem, ...certificate, ...more });
  socket.on("error", () => socket.destroy());
  return socket;
}

const urnName = (id: string) => new x509.SubjectAlternativeNameExtension([{ type: "url", value: id }]);
const CLIENT = new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.clientAuth]);

/** A certificate that our own authority would not issue: signed by `issuer`, or by itself. */
async function oddCertificate(extensions: x509.Extension[], issuer?: typeof authority): Promise<Issued> {
  const keys = await crypto.subtle.generateKey({ name: "ECDSA", namedCurve: "P-256" }, true, ["sign", "verify"]);
  const certificate = await x509.X509CertificateGenerator.create({
    subject: "CN=device",
    issuer: issuer?.certificate.subject ?? "CN=device",
    publicKey: keys.publicKey,
    signingKey: issuer?.privateKey ?? keys.privateKey,
    notBefore: new Date(NOW_MS - DAY_MS),
    notAfter: new Date(NOW_MS + DAY_MS),
    signingAlgorithm: { name: "ECDSA", hash: "SHA-256" },
    extensions,
  });
  const privateKey = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
  return { certificatePem: certificate.toString("pem"), privateKeyPem: x509.PemConverter.encode(privateKey, "PRIVATE KEY") };
}

/** All that comes back until the connection closes. */
function answerTo(socket: TLSSocket, request: string): Promise<string> {
  return new Promise((resolve) => {
    let answer = "";
    socket.on("data", (bytes) => {
      answer += bytes.toString("latin1");
    });
    socket.on("close", () => resolve(answer));
    socket.on("secureConnect", () => socket.write(request));
  });
}

const GET = (path: string) => `GET ${path} HTTP/1.1\r\nHost: depot\r\nConnection: close\r\n\r\n`;
const status = (answer: string) => answer.slice(0, 12);

test("without a certificate, or with one of a foreign or self-made authority, nothing is answered", async () => {
  const foreign = await createAuthority("devices", { nowMs: NOW_MS });
  const forged = await issueDevice(foreign, { id: DEVICE_ID, nowMs: NOW_MS });
  for (const issued of [undefined, forged, await oddCertificate([urnName(DEVICE_ID), CLIENT])])
    expect(await answerTo(dial(issued), GET("/metadata/timestamp.json"))).toBe("");
});

test("an expired, a future, and a server's certificate are not answered", async () => {
  const strange = [
    await issueDevice(authority, { id: DEVICE_ID, nowMs: NOW_MS - 30 * DAY_MS, validDays: 1 }),
    await issueDevice(authority, { id: DEVICE_ID, nowMs: NOW_MS + 30 * DAY_MS }),
    serverCertificate,
  ];
  for (const issued of strange) expect(await answerTo(dial(issued), GET("/metadata/timestamp.json"))).toBe("");
  expect(status(await answerTo(dial(deviceCertificate), GET("/metadata/timestamp.json")))).toBe("HTTP/1.1 200");
});

test("a certificate of our authority passes with exactly one urn:dev name and client usage only", async () => {
  const other = "urn:dev:ops:32473-famousModel-000002";
  const twoNames = new x509.SubjectAlternativeNameExtension([DEVICE_ID, other].map((value) => ({ type: "url" as const, value })));
  const smuggled = urnName(`${DEVICE_ID}, URI:${other}`);
  const server = new x509.ExtendedKeyUsageExtension([x509.ExtendedKeyUsage.serverAuth]);
  const ca = new x509.BasicConstraintsExtension(true);
  const answers = [];
  for (const extensions of [
    [urnName(DEVICE_ID), CLIENT],
    [twoNames, CLIENT],
    [smuggled, CLIENT],
    [urnName(DEVICE_ID), server],
    [urnName(DEVICE_ID)],
    [urnName(DEVICE_ID), CLIENT, ca],
    [urnName("urn:uuid:1"), CLIENT],
    [CLIENT],
  ]) {
    const issued = await oddCertificate(extensions, authority);
    answers.push(status(await answerTo(dial(issued), GET("/metadata/timestamp.json"))));
  }
  expect(answers).toEqual(["HTTP/1.1 200", "", "", "", "", "", "", ""]);
});

test("TLS 1.2 is refused", async () => {
  expect(await answerTo(dial(deviceCertificate, { maxVersion: "TLSv1.2" }), GET("/metadata/timestamp.json"))).toBe("");
});

test("no path leads out of the two folders", async () => {
  await Bun.write(join(dir, "secret"), "secret");
  const paths = [
    "/metadata/../secret",
    "/metadata/..%2fsecret",
    "/metadata/%2e%2e/secret",
    "/metadata/.%00./secret",
    "/blobs/sha256/../../secret",
    "/blobs/sha256/..\\..\\secret",
    "//secret",
    "/secret",
    "/metadata/",
    "/blobs/sha256/",
    "/metadata/timestamp.json.new",
    "/metadata/timestamp.json?x",
    "/metadata/timestamp.json/",
    "/metadata/01.root.json",
    `/blobs/sha256/${"A".repeat(64)}`,
    `/blobs/sha256/${"a".repeat(63)}`,
    `/blobs/sha256/${"a".repeat(65)}`,
    "https://depot/metadata/../secret",
  ];
  for (const path of paths) expect([path, status(await answerTo(dial(deviceCertificate), GET(path)))]).toEqual([path, "HTTP/1.1 404"]);
});

test("giant headers close the connection", async () => {
  const request = `GET / HTTP/1.1\r\nHost: depot\r\nX: ${"a".repeat(REQUEST_HEADER_BYTES_MAX * 2)}\r\n\r\n`;
  expect(status(await answerTo(dial(deviceCertificate), request))).not.toBe("HTTP/1.1 200");
});

test("what is not HTTP closes the connection", async () => {
  expect(status(await answerTo(dial(deviceCertificate), "\u0000\u0001\u0002\r\n\r\n"))).not.toBe("HTTP/1.1 200");
});

test("one device cannot take all connections; when it lets go it may come again", async () => {
  const device = await issueDevice(authority, { id: "urn:dev:ops:32473-famousModel-000009", nowMs: NOW_MS });
  const idle = Array.from({ length: CONNECTIONS_PER_DEVICE_MAX }, () => dial(device));
  const request = "GET /metadata/timestamp.json HTTP/1.1\r\nHost: depot\r\n\r\n";
  const answered = idle.map(
    (socket) =>
      new Promise((resolve) => {
        socket.on("secureConnect", () => socket.write(request));
        socket.once("data", resolve);
      }),
  );
  await Promise.all(answered);
  expect(await answerTo(dial(device), GET("/metadata/timestamp.json"))).toBe("");
  expect(status(await answerTo(dial(deviceCertificate), GET("/metadata/timestamp.json")))).toBe("HTTP/1.1 200");
  const closed = idle.map((socket) => new Promise((resolve) => socket.once("close", resolve)));
  for (const socket of idle) socket.destroy();
  await Promise.all(closed);
  let again = "";
  while (again === "") again = await answerTo(dial(device), GET("/metadata/timestamp.json"));
  expect(status(again)).toBe("HTTP/1.1 200");
});

test("slowloris: a connection that never begins its handshake is closed when its time is over", async () => {
  const { connected, closed } = silent(depot.port);
  await connected;
  expect(await Promise.race([closed, Bun.sleep(HANDSHAKE_TIMEOUT_MS * 3)])).toBe("closed");
}, 60_000);

test("a connection that never begins its handshake does not keep the depot from stopping", async () => {
  const another = await world.depot(dir);
  const { connected, closed } = silent(another.port);
  await connected;
  const stopped = another.stop().then(() => "stopped" as const);
  // It stops long before that handshake's time is over.
  expect(await Promise.race([stopped, Bun.sleep(HANDSHAKE_TIMEOUT_MS / 2)])).toBe("stopped");
  expect(await closed).toBe("closed");
}, 60_000);
