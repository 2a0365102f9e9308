/** Routes about enrolment: people say whom to expect and decide what waits; the issuing process alone claims and records. */
import { createRoute, z } from "@hono/zod-openapi";
import { claimSchema, expectedSchema } from "../../enrolment/claim.ts";
import { EXPECTED_MAX } from "../../enrolment/limits.ts";
import type { ManagementService } from "../management-service.ts";
import { answer, body, jsonBody } from "./answers.ts";
import type { Api } from "./app.ts";
import { document } from "./schemas.ts";

const expect = createRoute({
  method: "post",
  path: "/enrolment/expected",
  request: { body: jsonBody(z.strictObject({ devices: z.array(expectedSchema).min(1).max(EXPECTED_MAX) })) },
  responses: answer("How many factory identities are expected", document),
});
const pending = createRoute({ method: "get", path: "/enrolment/requests", responses: answer("Requests that wait for a person", document) });
const decide = createRoute({
  method: "post",
  path: "/enrolment/requests/{request}/{word}",
  request: { params: z.object({ request: z.string(), word: z.enum(["admitted", "refused"]) }) },
  responses: answer("The request that was decided", document),
});
const claim = createRoute({
  method: "post",
  path: "/enrolment/claims",
  request: { body: jsonBody(claimSchema) },
  responses: answer("Whether to certify, and for which identity", document),
});
const certificate = createRoute({
  method: "post",
  path: "/enrolment/certificates",
  request: { body: jsonBody(z.strictObject({ claim: claimSchema, certificate: z.base64() })) },
  responses: answer("What was recorded", document),
});

export function enrolmentRoutes(api: Api, { enrolment }: ManagementService): void {
  api.openapi(expect, (context) =>
    context.json(body(enrolment.expect(context.req.valid("json").devices, context.get("operator").person)), 200),
  );
  api.openapi(pending, (context) => context.json(body({ requests: enrolment.waiting() }), 200));
  api.openapi(decide, (context) => {
    const { request, word } = context.req.valid("param");
    return context.json(body(enrolment.answer(request, word, context.get("operator").person)), 200);
  });
  api.openapi(claim, async (context) => context.json(body(await enrolment.claim(context.req.valid("json"))), 200));
  api.openapi(certificate, async (context) => {
    const { claim: made, certificate: der } = context.req.valid("json");
    return context.json(body(await enrolment.issued(made, der)), 200);
  });
}
