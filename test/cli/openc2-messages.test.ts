/** `edict openc2 validate` and `convert`: what a person at a plug fest sees, and what a script gets. */
import { afterAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { edict } from "./edict-process.ts";

const cwd = mkdtempSync(join(tmpdir(), "edict-openc2-"));
const put = (name: string, content: string | Uint8Array) => writeFileSync(join(cwd, name), content);
const run = (...args: string[]) => edict(["openc2", ...args], { cwd });
// Each run starts two processes, and machines may be busy.
setDefaultTimeout(60_000);
afterAll(() => rmSync(cwd, { recursive: true, force: true }));

const deny = { action: "deny", target: { ipv6_net: "2001:DB8::/32" }, actuator: { slpf: {} } };
const envelope = (request: unknown) => JSON.stringify({ body: { openc2: { request } } });

describe("validate", () => {
  test("says everything that is wrong, each with line, column, path, code, clause and help", async () => {
    put("bad.json", `{\n  "action": "denny",\n  "target": {"ipv4_net": "1.2.3.456"},\n  "args": {"start_time": "now"}\n}`);
    const { status, out } = await run("validate", "bad.json");
    expect(status).toBe(1);
    expect(out.split("\n").filter((line) => line.startsWith("bad.json"))).toEqual([
      "bad.json:2:3 $.action",
      "bad.json:3:14 $.target.ipv4_net",
      "bad.json:4:12 $.args.start_time",
      "bad.json is not valid; read as D1 (LS 1.0, bare), JSON, it has 3 faults.",
    ]);
    expect(out).toContain("ERR_OPENC2_ACTION, status 400, LS 1.0 §3.3.1.1. Use one of the 20 actions");
  });
  test("says which dialect it found and what it put up with", async () => {
    put("good.json", JSON.stringify(deny));
    expect((await run("validate", "good.json")).out).toBe(
      "good.json is a valid request: D1 (LS 1.0, bare), JSON.\n    deny ipv6_net; answer: complete\n    put up with: ipv6-not-canonical\n",
    );
    expect((await run("validate", "--dialect", "D2", "good.json")).status).toBe(1);
    put("draft.json", envelope({ action: "query", target: { features: [] }, profile: "slpf" }));
    expect((await run("validate", "draft.json")).out).toContain("D3 (draft of LS 2.0)");
    expect((await run("validate", "--dialect", "D2", "draft.json")).out).toContain("$.body.openc2.request.profile");
  });
  test("what implementations in the field get wrong passes only when that is asked for", async () => {
    put("string-to.json", JSON.stringify({ headers: { to: "a" }, body: { openc2: { response: { status: 200 } } }, signature: "a..b" }));
    expect((await run("validate", "string-to.json")).status).toBe(1);
    const { status, out } = await run("validate", "--tolerate", "string-to.json");
    expect([status, out]).toEqual([0, expect.stringContaining("put up with: to-is-a-string")]);
    expect(out).toContain("it has a signature, which was not verified");
  });
  test("a profile that this build does not know is a fault, unless any may pass", async () => {
    put("unknown.json", JSON.stringify({ action: "scan", target: { "x-acme:thing": 1 } }));
    expect((await run("validate", "unknown.json")).out).toContain("ERR_OPENC2_UNSUPPORTED, status 501");
    expect((await run("validate", "--profiles", "any", "unknown.json")).status).toBe(0);
  });
  test("says where JSON and CBOR break off", async () => {
    put("broken.json", '{"action":\n');
    expect((await run("validate", "broken.json")).out).toStartWith("broken.json:2:1\n");
    put("broken.cbor", Uint8Array.of(0xa1, 0x61, 0x61, 0xff));
    const { out } = await edict(["--json", "openc2", "validate", "broken.cbor"], { cwd });
    expect(JSON.parse(out)).toMatchObject({
      valid: false,
      serialisation: "cbor",
      faults: [{ code: "ERR_OPENC2_CBOR_SYNTAX", offset: 3, status: 400 }],
    });
  });
  test("knows OpenC2 of 2018 when it sees it", async () => {
    const { out } = await run("validate", join(import.meta.dir, "../../examples/use-case-18.json.txt"));
    expect(out).toContain("from before 1.0. Next: edict import");
  });
  test("reads standard input, and prints one JSON document for scripts", async () => {
    const { status, out } = await edict(["--json", "openc2", "validate", "-"], { cwd, stdin: JSON.stringify(deny) });
    expect([status, JSON.parse(out)]).toEqual([
      0,
      { valid: true, serialisation: "json", dialect: "D1", kind: "request", tolerances: ["ipv6-not-canonical"], signed: false, faults: [] },
    ]);
  });
  test("a file that is not there, and a dialect that there is not, are other statuses", async () => {
    expect((await run("validate", "nothing.json")).err).toContain("ERR_CLI_FILE");
    expect((await run("validate", "--dialect", "D4", "good.json")).status).toBe(2);
  });
});

describe("a signature in the envelope", () => {
  test("is made, verified, and found out when a value was changed; no key, no verdict", async () => {
    put("plain.json", JSON.stringify(deny));
    await run("keys", "keys");
    expect((await run("convert", "plain.json", "--to", "D3", "--sign", "keys/producer.jwk", "-o", "signed.json")).status).toBe(0);
    const { kid } = JSON.parse(readFileSync(join(cwd, "keys/producer.jwk"), "utf8"));
    const verified = await run("validate", "signed.json", "--jwks", "keys/producers.jwks");
    expect([verified.status, verified.out]).toEqual([0, expect.stringContaining(`signed by ${kid}`)]);
    put("changed.json", readFileSync(join(cwd, "signed.json"), "utf8").replace("deny", "allow"));
    const changed = await run("validate", "changed.json", "--jwks", "keys/producers.jwks");
    expect([changed.status, changed.err]).toEqual([1, expect.stringContaining("ERR_TRUST_SIGNATURE")]);
    expect((await run("validate", "plain.json", "--jwks", "keys/producers.jwks")).err).toContain("ERR_TRUST_FORMAT");
    expect((await run("validate", "signed.json", "--jwks", "keys/ca.pem")).err).toContain("ERR_CLI_FILE");
  });
  test("is left out, aloud, when the message is written otherwise, and stands in no bare command", async () => {
    expect((await run("convert", "signed.json", "--to", "D2", "-o", "again.json")).out).toContain("was left out");
    expect((await run("convert", "plain.json", "--to", "D1", "--sign", "keys/producer.jwk")).status).toBe(2);
  });
});

describe("convert", () => {
  test("writes each dialect from each other, in CBOR too, strictly", async () => {
    put("d1.json", JSON.stringify(deny));
    const forms = { D1: "d1.cbor", D2: "d2.json", D3: "d3.cbor" };
    for (const [dialect, file] of Object.entries(forms)) {
      const cbor = file.endsWith("cbor") ? ["--cbor"] : [];
      expect((await run("convert", "d1.json", "--to", dialect, ...cbor, "-o", file)).status).toBe(0);
      const back = await run("convert", file, "--to", "D1");
      expect(JSON.parse(back.out)).toEqual({ ...deny, target: { ipv6_net: "2001:db8::/32" } });
    }
    expect(JSON.parse(readFileSync(join(cwd, "d2.json"), "utf8"))).toHaveProperty("body.openc2.request.actuator");
    expect(readFileSync(join(cwd, "d3.cbor"))[0]).toBe(0xa1);
  });
  test("refuses what is not valid with all of its faults, and CBOR for a terminal", async () => {
    put("wrong.json", JSON.stringify({ action: "deny", target: {}, args: {} }));
    const refused = await edict(["--json", "openc2", "convert", "wrong.json"], { cwd });
    expect([refused.status, JSON.parse(refused.out).faults.length]).toEqual([1, 2]);
    put("right.json", JSON.stringify(deny));
    expect((await run("convert", "right.json", "--cbor")).status).toBe(2);
  });
});
