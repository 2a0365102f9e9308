/** Until when certificates and director are valid, from real certificates. */
import { expect, test } from "bun:test";
import { Validity } from "../../src/server/validity.ts";
import { createAuthority, issueServer } from "../../src/trust/sign/certificate-authority.ts";
import { DirectorHistory } from "../../src/trust/verify/index.ts";
import { director } from "../campaign/people.ts";

const DAY_MS = 86_400_000;
const nowMs = Date.now();
const names = ["localhost"];
const old = await createAuthority("old", { nowMs, validDays: 2 });
const next = await createAuthority("next", { nowMs, validDays: 400 });
const server = await issueServer(next, { names, nowMs, validDays: 100 });

const directorUntil = (expiresMs: number) => new DirectorHistory({ ...director, expiresMs });
function problem(days: number, { caPem = next.certificatePem, certPem = server.certificatePem, directorDays = 1_000 } = {}) {
  return new Validity({ certPem, keyPem: "", caPem }, directorUntil(nowMs + directorDays * DAY_MS)).problem(nowMs + days * DAY_MS);
}

test("nothing is in the way of a wave that ends while everything is valid", () => {
  expect(problem(99)).toBeUndefined();
});

test("a wave that would end after the certificate authority has a problem, unless the next authority is there", () => {
  expect(problem(1, { caPem: old.certificatePem })).toBeUndefined();
  expect(problem(3, { caPem: old.certificatePem })).toMatch(
    /^the certificate authority ends 20\d\d-.*: whoever starts anew then is turned away$/,
  );
  expect(problem(3, { caPem: old.certificatePem + next.certificatePem })).toBeUndefined();
});

test("a wave that would end after the gateway's certificate, or after the director's document, has one", () => {
  expect(problem(101)).toMatch(/^the gateway's certificate ends/);
  expect(problem(3, { directorDays: 2 })).toMatch(/^the director's document ends/);
});
