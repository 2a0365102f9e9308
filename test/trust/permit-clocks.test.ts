/** No clock makes a permit valid that is not: ten years off either way, 400 days ahead. */
import { expect, test } from "bun:test";
import { type Permit, permitPayload } from "../../src/trust/permit.ts";
import { verifyPermit } from "../../src/trust/verify/index.ts";
import { directorOf, frameOf, makeParty, YEAR_MS } from "./people.ts";

const isp = await makeParty("isp.example");
const director = await directorOf(isp);
const nowMs = Date.now();
const PERMIT: Permit = {
  campaign_id: "wc17_9674309",
  tenant: "isp",
  commands: [],
  cohort_sha256: "00",
  count_max: 1,
  rate_max_per_second: 1,
  not_before: nowMs - 1_000,
  not_after: nowMs + 3_600_000,
  halt: { failed_share_max: 0, missing_share_max: 0 },
};
const signed = await frameOf(permitPayload(PERMIT), "permit", [isp.author, isp.approver]);

test.each([
  ["ten years behind", -10 * YEAR_MS, "ERR_TRUST_NOT_YET"],
  ["a second before it begins", -1_001, "ERR_TRUST_NOT_YET"],
  ["at its end", 3_600_000, "ERR_TRUST_EXPIRED"],
  ["400 days ahead", 400 * 86_400_000, "ERR_TRUST_DIRECTOR_EXPIRED"],
  ["ten years ahead", 10 * YEAR_MS, "ERR_TRUST_DIRECTOR_EXPIRED"],
] as const)("a gateway whose clock is %s", async (_, skewMs, code) => {
  await expect(verifyPermit(signed, { director, nowMs: nowMs + skewMs })).rejects.toMatchObject({ code });
});

test("a permit that outlives its director ends with it", async () => {
  const long = await frameOf(permitPayload({ ...PERMIT, not_after: nowMs + 9 * YEAR_MS }), "permit", [isp.author, isp.approver]);
  await verifyPermit(long, { director, nowMs });
  await expect(verifyPermit(long, { director, nowMs: director.expiresMs })).rejects.toMatchObject({ code: "ERR_TRUST_DIRECTOR_EXPIRED" });
});
