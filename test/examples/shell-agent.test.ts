/** The shell agent against a real gateway and a real depot: it does what it is told by two people, and nothing else. */
import { afterAll, afterEach, beforeAll, describe, expect, test } from "bun:test";
import { cpSync, mkdirSync, readFileSync, readlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { encodeAuthority, makeAuthority } from "../../src/trust/verify/index.ts";
import { encodeRequest } from "../../src/openc2/index.ts";
import type { Statement } from "../../src/trust/director.ts";
import type { Signer } from "../../src/trust/sign/index.ts";
import { ANYWHERE, directorOf, frameOf, makeParty, mapOf } from "../trust/people.ts";
import { AgentWorld } from "../agent/world.ts";
import { isMissing, REASON, ShellDevice } from "./shell-device.ts";

const PATIENCE_MS = 90_000;
const MANIFEST = {
  mime_type: "application/suit-envelope+cose",
  payload: { url: "https://updates.famousmaker.ce/m" },
  hashes: { sha256: "00".repeat(32) },
};

describe.skipIf(isMissing)(`the shell agent${REASON}`, () => {
  let world: AgentWorld;
  const running: ShellDevice[] = [];

  beforeAll(async () => {
    world = await AgentWorld.make();
  });
  afterEach(async () => {
    await Promise.all(running.splice(0).map((device) => device.stop()));
  });
  afterAll(() => world.end());

  async function make(change: Parameters<AgentWorld["device"]>[0] = {}): Promise<ShellDevice> {
    const { directory } = await world.device(change);
    const device = new ShellDevice(directory);
    running.push(device);
    return device;
  }

  async function boot(change: Parameters<AgentWorld["device"]>[0] = {}): Promise<ShellDevice> {
    const device = await make(change);
    device.start();
    await device.said("connected");
    return device;
  }

  const slot = ({ directory }: ShellDevice) => readlinkSync(join(directory, "current"));
  const isNew = ({ directory }: ShellDevice) => readFileSync(join(directory, "current")).equals(world.image);
  const answers = () => world.manager.reports.filter(({ kind }) => kind === "response");

  test(
    "an update that two people signed is fetched, installed and marked good, and nothing goes up for it",
    async () => {
      const device = await boot();
      await world.order(world.update("shell-1"));
      await device.said("update shell-1 done");
      await device.said("connected", 2);
      expect(slot(device)).toBe("slots/b/image");
      expect(isNew(device)).toBe(true);
      expect(answers()).toEqual([]);
    },
    PATIENCE_MS,
  );

  test(
    "when an answer is asked for there is one, after the restart",
    async () => {
      const device = await boot();
      await world.order(world.update("shell-2", { args: { response_requested: "complete" } }));
      await device.said("update shell-2 done");
      await until(() => answers().length === 1);
      expect(answers()).toMatchObject([
        {
          requestId: "shell-2",
          response: {
            status: 200,
            results: { "x-swup": { software: { version: "2.3.4" }, last_update: { command_id: "shell-2", state: "done" } } },
          },
        },
      ]);
      world.manager.reports.length = 0;
    },
    PATIENCE_MS,
  );

  test(
    "an image that is not healthy is rolled back, and its check-in says so",
    async () => {
      const device = await boot({ healthCommand: ["sh", "-c", 'test "$EDICT_SLOT" = a'] });
      await world.order(world.update("shell-3"));
      await device.said("update shell-3 rolled_back");
      await until(() => lastUpdate()?.command_id === "shell-3");
      expect(slot(device)).toBe("slots/a/image");
      expect(lastUpdate()).toMatchObject({ state: "rolled_back", error: "ERR_AGENT_HEALTH" });
    },
    PATIENCE_MS,
  );

  test(
    "the same command again does nothing, and is not begun a second time (replay)",
    async () => {
      const device = await boot();
      const command = world.update("shell-4");
      await world.order(command);
      await device.said("update shell-4 done");
      await device.said("connected", 2);
      await world.order(command);
      // Answered by no act of its own: what comes behind it is.
      await world.order(world.update("shell-5", { software: { hardware: ["r9"] } }));
      await device.said("ERR_AGENT_HARDWARE");
      expect(device.lines.filter((line) => line.includes("shell-4 queued"))).toHaveLength(1);
    },
    PATIENCE_MS,
  );

  test.each([
    ["bytes that the manufacturer does not name", { software: { hashes: { sha256: "00".repeat(32) } } }, "ERR_AGENT_DISAGREE"],
    ["another size", { software: { size: 49_999 } }, "ERR_AGENT_DISAGREE"],
    ["a version that was never released", { software: { new_version: "9.9.9" } }, "ERR_AGENT_DISAGREE"],
    ["another model", { software: { name: "otherModel" } }, "ERR_AGENT_NOT_MINE"],
    ["another vendor", { software: { vendor: "otherMaker" } }, "ERR_AGENT_NOT_MINE"],
    ["other hardware", { software: { hardware: ["r1", "r22"] } }, "ERR_AGENT_HARDWARE"],
    ["another version to update from", { software: { old_version: "1.2" } }, "ERR_AGENT_VERSION"],
    ["a source that it does not trust", { software: { source: "https://updates.famousmaker.ce.evil.example/x" } }, "ERR_DEPOT_SOURCE"],
    ["a manifest that it does not check", { software: { manifest: MANIFEST } }, "ERR_AGENT_UNSUPPORTED"],
  ])(
    "a command with %s has no effect",
    async (_what, change, code) => {
      const device = await boot();
      await world.order(world.update(`bad-${running.length}-${code}-${Math.random()}`.slice(0, 36), change));
      await device.said(code);
      expect(slot(device)).toBe("slots/a/image");
      expect(answers()).toEqual([]);
    },
    PATIENCE_MS,
  );

  test.each([
    ["goes on behind what was fetched before", (bytes: Uint8Array) => bytes.slice(0, 30_000)],
    ["throws away what has the length and not the digest, and fetches it anew", (bytes: Uint8Array) => bytes.map((byte) => byte ^ 1)],
  ])(
    "it %s",
    async (_what, before) => {
      const device = await make();
      const { sha256 } = world.release;
      mkdirSync(join(device.directory, "slots/b"));
      writeFileSync(join(device.directory, "slots/b", `${sha256}.part`), before(world.image));
      device.start();
      await device.said("connected");
      await world.order(world.update(`part-${sha256.slice(0, 8)}-${before(world.image).length}`));
      await device.said(" done");
      expect(isNew(device)).toBe(true);
    },
    PATIENCE_MS,
  );

  test(
    "a release that is not above the floor is not installed",
    async () => {
      const device = await boot({ counter: 3 });
      await world.order(world.update("shell-floor"));
      await device.said("ERR_AGENT_COUNTER");
      expect(slot(device)).toBe("slots/a/image");
    },
    PATIENCE_MS,
  );

  test(
    "an update is called off by one person before its start",
    async () => {
      const device = await boot();
      const command = world.update("shell-6", { args: { start_time: Date.now() + 300_000 } });
      await world.order(command);
      await device.said("update shell-6 queued");
      await world.stop("shell-6");
      await device.said("update shell-6 cancelled");
      expect(slot(device)).toBe("slots/a/image");
    },
    PATIENCE_MS,
  );

  test(
    "an update that waits survives a power cut",
    async () => {
      const device = await boot();
      await world.order(world.update("shell-7", { args: { start_time: Date.now() + 8_000 } }));
      await device.said("update shell-7 queued");
      await device.stop();
      device.start();
      await device.said("update shell-7 done");
      expect(isNew(device)).toBe(true);
    },
    PATIENCE_MS,
  );

  describe("a frame that did not come through a gateway's own checks", () => {
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

  test(
    "a copy of its directory is noticed: it answers when it is asked, and both are kept out",
    async () => {
      const device = await boot();
      cpSync(device.directory, `${device.directory}-copy`, { recursive: true, verbatimSymlinks: true });
      const copy = new ShellDevice(`${device.directory}-copy`);
      running.push(copy);
      copy.start();
      await until(() => world.manager.reports.some(({ kind }) => kind === "cloned"));
      await copy.said("disconnected");
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

  function lastUpdate() {
    const checkIn = world.manager.reports.findLast((report) => report.kind === "check-in");
    return checkIn?.kind === "check-in" ? checkIn.checkIn.last_update : undefined;
  }
});

/** The gateway's reports come in batches of their own time. */
async function until(isTrue: () => boolean): Promise<void> {
  while (!isTrue()) await Bun.sleep(20);
}
