/** Permits, stops, resumes, deny lists and checkpoints: the exact bytes that people sign, and every member that is not what it must be. */
import { describe, expect, test } from "bun:test";
import { checkpointPayload, denyListPayload, holdPayload, type Permit, permitPayload } from "../../src/trust/permit.ts";
import { STATEMENTS, type Statement } from "../../src/trust/director.ts";
import { verifyCheckpoint, verifyDenyList, verifyHold, verifyPermit } from "../../src/trust/verify/index.ts";
import { directorOf, frameOf, makeParty } from "./people.ts";

const isp = await makeParty("isp.example");
const director = await directorOf(isp);
const nowMs = 1_800_000_000_000;
const pinned = { ...director, expiresMs: nowMs + 1_000_000 };
const both = [isp.author, isp.approver];
const PERMIT: Permit = {
  campaign_id: "wc17",
  tenant: "isp",
  commands: ["aa", "bb"],
  cohort_sha256: "cc",
  count_max: 10,
  rate_max_per_second: 2.5,
  not_before: nowMs,
  not_after: nowMs + 1_000,
  halt: { failed_share_max: 0.1, missing_share_max: 1 },
};
const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
const bytes = (value: unknown) => new TextEncoder().encode(JSON.stringify(value));

describe("what is signed", () => {
  test("is these bytes, whatever else the objects carry and in whatever order", () => {
    const more = { extra: 1, ...PERMIT, halt: { more: 1, missing_share_max: 1, failed_share_max: 0.1 } };
    expect(text(permitPayload(more))).toBe(
      '{"campaign_id":"wc17","tenant":"isp","commands":["aa","bb"],"cohort_sha256":"cc","count_max":10,"rate_max_per_second":2.5,' +
        '"not_before":1800000000000,"not_after":1800000001000,"halt":{"failed_share_max":0.1,"missing_share_max":1}}',
    );
    expect(text(holdPayload({ reason: "smoke", at_ms: 1, campaign_id: "wc17" }))).toBe('{"campaign_id":"wc17","at_ms":1,"reason":"smoke"}');
    expect(text(checkpointPayload({ at_ms: 3, hash: "dd", seq: 2 }))).toBe('{"seq":2,"hash":"dd","at_ms":3}');
    expect(text(denyListPayload({ devices: ["a"], created_ms: 2, version: 1 }))).toBe('{"version":1,"created_ms":2,"devices":["a"]}');
    expect(text(denyListPayload({ devices: [], created_ms: 2, version: 1, released: ["b"] }))).toBe(
      '{"version":1,"created_ms":2,"devices":[],"released":["b"]}',
    );
  });
});

describe("a permit", () => {
  const verify = async (value: unknown, atMs = nowMs) =>
    verifyPermit(await frameOf(value instanceof Uint8Array ? value : bytes(value), "permit", both), { director: pinned, nowMs: atMs });

  test("is read as it was signed, and cannot be changed", async () => {
    const permit = await verify(permitPayload(PERMIT));
    expect<Permit>(permit).toEqual(PERMIT);
    expect(() => Object.assign(permit, { count_max: 11 })).toThrow(TypeError);
  });

  test("says how many are held back to the end, when anybody is", async () => {
    const held = { ...PERMIT, control_count: 3 };
    expect(text(permitPayload(held))).toContain('"count_max":10,"control_count":3,"rate_max_per_second"');
    expect<Permit>(await verify(permitPayload(held))).toEqual(held);
    await expect(verify({ ...PERMIT, control_count: 0 })).rejects.toMatchObject({ code: "ERR_TRUST_PAYLOAD" });
  });

  const CRITERIA = {
    vendor: "famousMaker",
    name: "famousModel",
    new_version: "2.3.4",
    old_version: "1.2.3",
    query: "region==east",
    opt_out_basis: "the Cyber Resilience Act",
  };

  test("says whom it is for besides the cohort, in these bytes, in whatever order they are given", async () => {
    const { opt_out_basis, query, old_version, ...model } = CRITERIA;
    const open = { ...PERMIT, newcomers: { criteria: model, count_max: 5 } };
    expect(text(permitPayload(open))).toContain(
      '"count_max":10,"newcomers":{"count_max":5,"criteria":{"vendor":"famousMaker","name":"famousModel","new_version":"2.3.4"}},"rate_max_per_second"',
    );
    expect<Permit>(await verify(permitPayload(open))).toEqual(open);
    const narrow = { ...PERMIT, control_count: 3, newcomers: { criteria: { opt_out_basis, query, old_version, ...model }, count_max: 5 } };
    expect(text(permitPayload(narrow))).toContain(
      '"control_count":3,"newcomers":{"count_max":5,"criteria":{"vendor":"famousMaker","name":"famousModel","new_version":"2.3.4",' +
        '"old_version":"1.2.3","query":"region==east","opt_out_basis":"the Cyber Resilience Act"}},"rate_max_per_second"',
    );
    expect<Permit>(await verify(permitPayload(narrow))).toEqual(narrow);
  });

  test.each<readonly [string, unknown]>([
    ["are null", null],
    ["are a number", 5],
    ["are nobody", { count_max: 0, criteria: CRITERIA }],
    ["are half a device", { count_max: 0.5, criteria: CRITERIA }],
    ["are not counted", { criteria: CRITERIA }],
    ["match anything", { count_max: 5 }],
    ["match a text", { count_max: 5, criteria: "region==east" }],
    ["are of no vendor", { count_max: 5, criteria: { ...CRITERIA, vendor: undefined } }],
    ["are of a model without a name", { count_max: 5, criteria: { ...CRITERIA, name: "" } }],
    ["have no new version", { count_max: 5, criteria: { ...CRITERIA, new_version: undefined } }],
    ["have an old version that is a number", { count_max: 5, criteria: { ...CRITERIA, old_version: 1 } }],
    ["match an empty query", { count_max: 5, criteria: { ...CRITERIA, query: "" } }],
    ["are forced on no basis", { count_max: 5, criteria: { ...CRITERIA, opt_out_basis: "" } }],
    ["match what is not known here: it would not be kept to", { count_max: 5, criteria: { ...CRITERIA, region: "east" } }],
    ["have a limit that is not known here", { count_max: 5, rate: 1, criteria: CRITERIA }],
  ])("is refused when its newcomers %s", async (_, newcomers) => {
    await expect(verify({ ...PERMIT, newcomers })).rejects.toMatchObject({ code: "ERR_TRUST_PAYLOAD" });
  });

  test("holds from its beginning to its end, which it does not contain", async () => {
    await verify(PERMIT, nowMs + 999);
    await expect(verify(PERMIT, nowMs - 1)).rejects.toMatchObject({ code: "ERR_TRUST_NOT_YET" });
    await expect(verify(PERMIT, nowMs + 1_000)).rejects.toMatchObject({ code: "ERR_TRUST_EXPIRED" });
  });

  test("ends with its director, to the millisecond", async () => {
    const long = { ...PERMIT, not_after: nowMs + 9_000_000 };
    await verify(long, pinned.expiresMs - 1);
    await expect(verify(long, pinned.expiresMs)).rejects.toMatchObject({ code: "ERR_TRUST_DIRECTOR_EXPIRED" });
  });

  test.each<readonly [string, object | readonly unknown[]]>([
    ["that is no object", [PERMIT]],
    ["that is null", new TextEncoder().encode("null")],
    ["without a campaign", { ...PERMIT, campaign_id: undefined }],
    ["whose tenant is a number", { ...PERMIT, tenant: 1 }],
    ["whose commands are one text", { ...PERMIT, commands: "aa" }],
    ["with a command that is no text", { ...PERMIT, commands: ["aa", 1] }],
    ["whose cohort is null", { ...PERMIT, cohort_sha256: null }],
    ["for fewer than no devices", { ...PERMIT, count_max: -1 }],
    ["whose rate is a text", { ...PERMIT, rate_max_per_second: "1" }],
    ["without a beginning", { ...PERMIT, not_before: undefined }],
    ["without an end", { ...PERMIT, not_after: undefined }],
    ["without halt rules", { ...PERMIT, halt: undefined }],
    ["whose halt rules are a list", { ...PERMIT, halt: [] }],
    ["whose halt rules are null", { ...PERMIT, halt: null }],
    ["that lets more than all fail", { ...PERMIT, halt: { ...PERMIT.halt, failed_share_max: 1.001 } }],
    ["that lets more than all be missing", { ...PERMIT, halt: { ...PERMIT.halt, missing_share_max: 1.001 } }],
    ["that lets fewer than none fail", { ...PERMIT, halt: { ...PERMIT.halt, failed_share_max: -0.1 } }],
    ["with a member of its prototype", { ...PERMIT, halt: { failed_share_max: 0 } }],
  ])("is refused %s", async (_, value) => {
    await expect(verify(value)).rejects.toMatchObject({ code: "ERR_TRUST_PAYLOAD" });
  });

  test("for nobody, at no rate, with no failures, is one all the same", async () => {
    const nothing = { ...PERMIT, count_max: 0, rate_max_per_second: 0, not_before: 0, halt: { failed_share_max: 0, missing_share_max: 0 } };
    expect<Permit>(await verify(nothing)).toEqual(nothing);
  });
});

describe("a hold", () => {
  const HOLD = { campaign_id: "wc17", at_ms: 5, reason: "smoke" };

  test("is stopped by one and resumed by two, and says who they are", async () => {
    const stop = await frameOf(holdPayload(HOLD), "stop", [isp.approver]);
    expect(await verifyHold(stop, { director, kind: "stop" })).toEqual({ ...HOLD, persons: [isp.approver.person] });
    const resume = await frameOf(holdPayload(HOLD), "resume", both);
    expect(await verifyHold(resume, { director, kind: "resume" })).toEqual({ ...HOLD, persons: [isp.author.person, isp.approver.person] });
    const alone = await frameOf(holdPayload(HOLD), "resume", [isp.author]);
    await expect(verifyHold(alone, { director, kind: "resume" })).rejects.toMatchObject({ code: "ERR_TRUST_THRESHOLD" });
  });

  test.each([{ campaign_id: 1 }, { at_ms: "5" }, { at_ms: -1 }, { reason: undefined }])("is refused with %j", async (change) => {
    const stop = await frameOf(bytes({ ...HOLD, ...change }), "stop", [isp.author]);
    await expect(verifyHold(stop, { director, kind: "stop" })).rejects.toMatchObject({ code: "ERR_TRUST_PAYLOAD" });
  });
});

describe("a deny list", () => {
  const LIST = { version: 3, created_ms: 4, devices: ["urn:dev:a", "urn:dev:b"] };
  const verify = async (value: object) => verifyDenyList(await frameOf(bytes(value), "deny-list", [isp.author]), { director });

  test("is read with and without what it releases", async () => {
    expect(await verify(LIST)).toEqual({ ...LIST, persons: [isp.author.person] });
    expect(await verify({ ...LIST, released: ["c"] })).toMatchObject({ released: ["c"] });
  });

  test("of ten thousand devices is read: it is larger than any command", async () => {
    const devices = Array.from({ length: 10_000 }, (_, index) => `urn:dev:ops:32473-famousModel-${index}`);
    expect((await verify({ ...LIST, devices })).devices.length).toBe(10_000);
  });

  test.each([{ version: "3" }, { created_ms: null }, { devices: {} }, { devices: [1] }, { released: "c" }])(
    "is refused with %j",
    async (change) => {
      await expect(verify({ ...LIST, ...change })).rejects.toMatchObject({ code: "ERR_TRUST_PAYLOAD" });
    },
  );
});

describe("a checkpoint", () => {
  const HEAD = { seq: 1, hash: "dd", at_ms: 0 };
  const verify = async (value: object) => verifyCheckpoint(await frameOf(bytes(value), "checkpoint", [isp.author]), { director });

  test("is read", async () => expect(await verify(HEAD)).toEqual({ ...HEAD, persons: [isp.author.person] }));

  test.each([{ seq: 0 }, { seq: 1.5 }, { seq: 2 ** 53 }, { seq: "1" }, { hash: 1 }, { at_ms: -1 }])(
    "is refused with %j",
    async (change) => {
      await expect(verify({ ...HEAD, ...change })).rejects.toMatchObject({ code: "ERR_TRUST_PAYLOAD" });
    },
  );
});

test("attack: a signature for one kind of statement passes for no other", async () => {
  const verifiers: { readonly [kind in Statement]?: (jws: Uint8Array) => Promise<unknown> } = {
    permit: (jws) => verifyPermit(jws, { director, nowMs }),
    stop: (jws) => verifyHold(jws, { director, kind: "stop" }),
    resume: (jws) => verifyHold(jws, { director, kind: "resume" }),
    "deny-list": (jws) => verifyDenyList(jws, { director }),
    checkpoint: (jws) => verifyCheckpoint(jws, { director }),
  };
  for (const signed of STATEMENTS) {
    const jws = await frameOf(bytes({}), signed, both);
    for (const [kind, verify] of Object.entries(verifiers))
      await expect(verify(jws)).rejects.toMatchObject({ code: kind === signed ? "ERR_TRUST_PAYLOAD" : "ERR_TRUST_STATEMENT" });
  }
});
