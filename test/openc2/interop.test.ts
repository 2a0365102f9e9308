/**
 * Recorded exchanges with implementations in the field (exact bytes, both ways): every message of every peer is read, and what we would
 * send to a peer is what it has accepted.
 */
import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import {
  encodeForPeer,
  OpenC2Error,
  type Peer,
  PEERS,
  parseMessage,
  readCbor,
  readMessage,
  slpf,
  profileSet,
} from "../../src/openc2/index.ts";
import { hasVectors, skipReason, VECTORS } from "../vectors-folder.ts";

const profiles = profileSet(slpf);
const record = (name: string) => readFileSync(join(VECTORS, "interop", name), "latin1");
const bytes = (latin1: string) => Buffer.from(latin1, "latin1");

interface Exchange {
  readonly name: string;
  readonly request: Buffer;
  /** Empty when nothing came back. */
  readonly response: Buffer;
}

/** `##### name`, then HTTP requests and responses, each after a line that says which it is. */
function httpExchanges(file: string): readonly Exchange[] {
  return record(file)
    .split(/^##### /m)
    .slice(1)
    .map((section) => {
      const [request = "", response = ""] = section
        .split(/^=====.*=====\n/m)
        .slice(1)
        .map(httpBody);
      return { name: section.slice(0, section.indexOf("\n")), request: bytes(request), response: bytes(response) };
    });
}

function httpBody(text: string): string {
  const start = text.indexOf("\r\n\r\n") + 4;
  const length = Number(/^content-length: (\d+)/im.exec(text)?.[1] ?? 0);
  return text.slice(start, start + length);
}

/** `===== published ... =====` and `===== seen ... =====`, each with its payload on the next line. */
function mqttExchanges(file: string): readonly Exchange[] {
  return record(file)
    .split(/^##### /m)
    .slice(1)
    .map((section) => {
      const payload = (label: string) => new RegExp(`^===== ${label}.*=====\\n(.*)`, "m").exec(section)?.[1] ?? "";
      return { name: section.slice(0, section.indexOf("\n")), request: bytes(payload("published")), response: bytes(payload("seen")) };
    });
}

const read = (message: Buffer, peer: Peer) => parseMessage(message, { ...peer, dialect: "any", profiles });

describe.skipIf(!hasVectors)(`Yuuki as consumer${skipReason}`, () => {
  const exchanges = hasVectors ? [...httpExchanges("yuuki-consumer-http.txt"), ...mqttExchanges("yuuki-consumer-mqtt.txt")] : [];
  const isText = ({ response }: Exchange) => response.length > 0 && !response.subarray(0, 9).equals(Buffer.from("<!doctype"));

  test("was recorded in so many exchanges", () => {
    expect([exchanges.length, exchanges.filter(isText).length]).toEqual([32, 24]);
  });
  test("has every one of its answers read, and what is wrong with them said", () => {
    for (const { name, response } of exchanges.filter(isText)) {
      const message = name.includes("as CBOR")
        ? readMessage(readCbor(response), { ...PEERS.yuuki, profiles })
        : read(response, PEERS.yuuki);
      expect([name, message.kind, message.dialect]).toEqual([name, "response", "D2"]);
      const wasMended = /"to": "|as CBOR/.test(response.toString("latin1") + name);
      expect([name, message.tolerances]).toEqual([name, wasMended ? ["to-is-a-string"] : []]);
    }
  });
  test("is not read by who does not know it for Yuuki", () => {
    const { response } = exchanges[0] ?? { response: Buffer.alloc(0) };
    expect(() => parseMessage(response)).toThrow(expect.objectContaining({ code: "ERR_OPENC2_TYPE", path: "$.headers.to" }));
  });

  /** Refused for what lies outside the message: media type, path, MQTT properties. */
  const isTransport = ({ name }: Exchange) => /with application|space|well-known|properties variant (?!rsptopic)/.test(name);
  const outcome = (exchange: Exchange) =>
    isText(exchange) && !exchange.name.includes("as CBOR")
      ? (JSON.parse(exchange.response.toString()).body.openc2.response.status as number)
      : 200;
  const value = (message: Uint8Array) => JSON.parse(Buffer.from(message).toString());

  test("gets from us exactly what it has accepted", () => {
    const accepted = exchanges.filter(
      (exchange) => [102, 200].includes(outcome(exchange)) && !isTransport(exchange) && !exchange.name.includes("as CBOR"),
    );
    const sent = accepted.flatMap(({ name, request }) => {
      // LS 1.0 §4.1: query features takes no response_requested none, whatever Yuuki thinks of it.
      if (name.startsWith("q_none")) return [];
      expect([name, value(encodeForPeer(read(request, PEERS.yuuki), PEERS.yuuki))]).toEqual([name, value(request)]);
      return [name];
    });
    expect(sent.length).toBe(accepted.length - 1);
  });
  test("never gets what it has refused", () => {
    const refused = exchanges.filter((exchange) => outcome(exchange) === 400 && !isTransport(exchange));
    for (const { name, request } of refused) {
      const bodies = new Set(refused.map((exchange) => exchange.request.toString()));
      try {
        const sent = encodeForPeer(read(request, PEERS.yuuki), PEERS.yuuki);
        expect([name, bodies.has(Buffer.from(sent).toString())]).toEqual([name, false]);
      } catch (error) {
        if (!(error instanceof OpenC2Error)) throw error;
      }
    }
    expect(refused.length).toBeGreaterThan(5);
  });
});

describe.skipIf(!hasVectors)(`the OIF orchestrator as producer${skipReason}`, () => {
  const https = hasVectors ? httpExchanges("oif-orchestrator-https.txt") : [];
  const mqtt = hasVectors
    ? record("oif-orchestrator-mqtt.txt")
        .split("\n")
        .filter((line) => line.startsWith("{"))
    : [];

  test("has every command read, strictly", () => {
    for (const { request } of https) {
      const message = parseMessage(request, { dialect: "any" });
      expect([message.kind, message.dialect, message.tolerances]).toEqual(["request", "D2", []]);
    }
    expect(https.length).toBe(3);
  });
  test("and over MQTT both its commands and what Yuuki answered", () => {
    const kinds = mqtt.map((line) => parseMessage(bytes(line)).kind);
    expect(kinds).toEqual(["request", "response", "request", "response"]);
  });
  test("is answered as it was in the recording", () => {
    const [{ response } = { response: Buffer.alloc(0) }] = https;
    expect(JSON.parse(Buffer.from(encodeForPeer(parseMessage(response), PEERS.oif)).toString())).toEqual(JSON.parse(response.toString()));
  });
});
