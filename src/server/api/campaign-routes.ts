/** Routes about campaigns: draft, sign, watch, pause, stop, cancel. */
import { createRoute, z } from "@hono/zod-openapi";
import type { ManagementService } from "../management-service.ts";
import { answer, body, jsonBody } from "./answers.ts";
import type { Api } from "./app.ts";
import { cancelRequest, document, draftRequest, pauseRequest, playbookRequest, signatures, statement } from "./schemas.ts";

const params = z.object({ id: z.string() });
const view = answer("The campaign", document);

const draft = createRoute({
  method: "post",
  path: "/campaigns",
  request: { body: jsonBody(draftRequest) },
  responses: answer("What would happen, and what to sign", document),
});
const playbook = createRoute({
  method: "post",
  path: "/playbooks",
  request: { body: jsonBody(playbookRequest) },
  responses: answer("What each step would do, and what to sign; nothing is kept unless every step can be", document),
});
const list = createRoute({
  method: "get",
  path: "/campaigns",
  request: { query: z.object({ playbook: z.string().optional() }) },
  responses: answer("All campaigns of the tenant, or the steps of a playbook in their order", document),
});
const show = createRoute({ method: "get", path: "/campaigns/{id}", request: { params }, responses: view });
const policy = createRoute({
  method: "get",
  path: "/campaigns/{id}/policy",
  request: { params },
  responses: answer("What the policy says against it now, and other campaigns with devices in common", document),
});
const load = createRoute({
  method: "get",
  path: "/campaigns/{id}/load",
  request: { params },
  responses: answer("When its devices start, and what the depot saw of it", document),
});
const sign = createRoute({
  method: "post",
  path: "/campaigns/{id}/signatures",
  request: { params, body: jsonBody(signatures) },
  responses: view,
});
const stop = createRoute({ method: "post", path: "/campaigns/{id}/stop", request: { params, body: jsonBody(statement) }, responses: view });
const pause = createRoute({
  method: "post",
  path: "/campaigns/{id}/pause",
  request: { params, body: jsonBody(pauseRequest) },
  responses: view,
});
const resume = createRoute({
  method: "post",
  path: "/campaigns/{id}/resume",
  request: { params, body: jsonBody(statement) },
  responses: view,
});
const cancel = createRoute({
  method: "post",
  path: "/campaigns/{id}/cancel",
  request: { params, body: jsonBody(cancelRequest) },
  responses: view,
});

export function campaignRoutes(api: Api, service: ManagementService): void {
  api.openapi(draft, async (context) =>
    context.json(body(await service.draft(context.req.valid("json"), context.get("operator").person)), 200),
  );
  api.openapi(playbook, async (context) =>
    context.json(body(await service.draftPlaybook(context.req.valid("json"), context.get("operator").person)), 200),
  );
  api.openapi(list, (context) => context.json(body({ campaigns: service.campaigns(context.req.valid("query").playbook) }), 200));
  api.openapi(show, (context) => context.json(body(service.campaign(context.req.valid("param").id)), 200));
  api.openapi(policy, async (context) => {
    const { id } = context.req.valid("param");
    return context.json(body({ policy: await service.policy(id), overlaps: service.overlaps(id) }), 200);
  });
  api.openapi(load, async (context) => context.json(body(await service.load(context.req.valid("param").id)), 200));
  api.openapi(sign, async (context) =>
    context.json(body(await service.sign(context.req.valid("param").id, context.req.valid("json"))), 200),
  );
  api.openapi(stop, async (context) => {
    return context.json(body(await service.hold(context.req.valid("param").id, "stop", context.req.valid("json").statement)), 200);
  });
  api.openapi(pause, (context) => {
    const { reason } = context.req.valid("json");
    return context.json(body(service.pause(context.req.valid("param").id, context.get("operator").person, reason)), 200);
  });
  api.openapi(resume, async (context) => {
    return context.json(body(await service.hold(context.req.valid("param").id, "resume", context.req.valid("json").statement)), 200);
  });
  api.openapi(cancel, async (context) =>
    context.json(body(await service.cancel(context.req.valid("param").id, context.req.valid("json"))), 200),
  );
}
