/** The rules by which the shell agent believes: its own functions, run as it runs them, on what a hostile gateway or depot would bring. */
import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeRequest } from "../../src/openc2/index.ts";
import type { Statement } from "../../src/trust/director.ts";
import type { Signer } from "../../src/trust/sign/index.ts";
import { encodeAuthority, makeAuthority } from "../../src/trust/verify/index.ts";
import { AgentWorld } from "../agent/world.ts";
import { ANYWHERE, directorOf, frameOf, makeParty, mapOf } from "../trust/people.ts";
import { isMissing, REASON, ShellDevice } from "./shell-device.ts";

const PATIENCE_MS = 90_000;

describe.skipIf(isMissing)(`the shell agent's rules${REASON}`, () => {
  let world: AgentWorld;

  beforeAll(async () => {
    world = await AgentWorld.make();
  });
  afterAll(() => world.end());

  async function make(): Promise<ShellDevice> {
    return new ShellDevice((await world.device()).directory);
  }

  describe("a frame", () => {
    test(
      "is refused with one signature, of one person twice, of a stranger, changed, expired, or of a director without this verb",
      async () => {
        const device = await make();
        const { author, approver } = world.party;
        const stranger = (await makeParty("stranger")).author;
        const good = await frame({});
        expect(await device.judge(good)).toBe("believed");
        expect(await device.judge(await frame({ signers: [author] }))).toContain("ERR_TRUST_SIGNATURE");
        expect(await device.judge(await frame({ signers: [author, stranger] }))).toContain("ERR_TRUST_SIGNATURE");
        expect(await device.judge(await frame({ signers: [author, approver, stranger] }))).toContain("ERR_TRUST_SIGNATURE");
        expect(await device.judge(await frame({ notAfterMs: Date.now() - 2_000 }))).toContain("ERR_TRUST_EXPIRED");
        expect(await device.judge(await frame({ statement: "permit" }))).toContain("ERR_TRUST_STATEMENT");
        const { payload, signatures } = JSON.parse(new TextDecoder().decode(good)) as { payload: string; signatures: object[] };
        const encode = (value: object) => new TextEncoder().encode(JSON.stringify(value));
        expect(await device.judge(encode({ payload, signatures: [signatures[0], signatures[0]] }))).toContain("ERR_TRUST_SIGNATURE");
        const changed = payload.replace(/^..../, "eyJ4");
        expect(await device.judge(encode({ payload: changed, signatures }))).toContain("ERR_TRUST_SIGNATURE");
        expect(await device.judge(encode({ payload, signatures: [] }))).toContain("ERR_TRUST_FORMAT");
        expect(await device.judge(encode({ payload, signatures, header: {} }))).toContain("ERR_TRUST_FORMAT");
        expect(await device.judge(encode({ payload: `${payload}=`, signatures }))).toContain("ERR_TRUST_FORMAT");
        const twice = new TextEncoder().encode(`{"payload":"e30","payload":"${payload}","signatures":${JSON.stringify(signatures)}}`);
        expect(await device.judge(twice)).toContain("ERR_TRUST_FORMAT");
        expect(await device.judge(new Uint8Array(5_000).fill(0x20))).toContain("ERR_TRUST_TOO_LARGE");
        const scopes = [{ vendor: "famousMaker", model: "*", verbs: ["query"] }];
        const map = await mapOf(world.party, { appointments: [{ director: world.director, scopes }] });
        writeFileSync(join(device.directory, "trust.json"), encodeAuthority(makeAuthority(map)));
        expect(await device.judge(good)).toContain("ERR_TRUST_SIGNATURE");
      },
      PATIENCE_MS,
    );

    test(
      "is believed with signatures of both algorithms, and P-256 signatures with leading zeros",
      async () => {
        const device = await make();
        const party = await makeParty("isp.example", "ES256");
        const map = await mapOf(party, { appointments: [{ director: await directorOf(party), scopes: [ANYWHERE] }] });
        writeFileSync(join(device.directory, "trust.json"), encodeAuthority(makeAuthority(map)));
        for (let count = 0; count < 12; count += 1) {
          expect(await device.judge(await frame({ signers: [party.author, party.approver] }))).toBe("believed");
        }
      },
      PATIENCE_MS,
    );
  });

  test.each([
    ["as it was signed", ":", (text: string) => text, "believed"],
    ["of other bytes (a mirror's own release)", ":", (text: string) => text.replace('"length":50000', '"length":50001'), "_SIGNATURE"],
    ["with a signature less", ":", (text: string) => text.replace(/"signatures":\[[^\]]*\]/, '"signatures":[]'), "_SIGNATURE"],
    ["older than what was seen (rollback)", 'echo 99 > "$tuf/targets.version"', (text: string) => text, "_ROLLBACK"],
    ["past its expiry (freeze)", 'echo 4000000000000 > "$state/time_floor"', (text: string) => text, "_EXPIRED"],
  ])(
    "the manufacturer's metadata %s",
    async (_what, before, change, verdict) => {
      const device = await make();
      const text = readFileSync(join(world.directory, "depot/metadata/2.targets.json"), "utf8");
      const script = `mkdir -p "$tuf"; cp "$dir/root.json" "$tuf/root.json"; ${before}; cat > "$run/f"; believe targets "$run/f" && echo believed`;
      expect(await device.rule(script, new TextEncoder().encode(change(text)))).toContain(verdict);
    },
    PATIENCE_MS,
  );

  interface FrameOptions {
    readonly signers?: readonly Signer[];
    readonly statement?: Statement;
    readonly notAfterMs?: number;
  }

  function frame({ signers = world.people, statement = "command", notAfterMs }: FrameOptions): Promise<Uint8Array> {
    const command = world.update("frame-1", notAfterMs === undefined ? {} : { notAfterMs });
    return frameOf(encodeRequest({ created: Date.now(), from: "manager" }, command), statement, signers);
  }
});
