/** Routes about the deny list, the documents of trust, the ledger and the server itself. */
import { createRoute, z } from "@hono/zod-openapi";
import type { ManagementService } from "../management-service.ts";
import type { Api } from "./app.ts";
import { document, statement } from "./schemas.ts";
import { answer, body, jsonBody } from "./answers.ts";

const status = createRoute({ method: "get", path: "/status", responses: answer("Channels, fleet and campaigns at this moment", document) });

const deny = createRoute({
  method: "post",
  path: "/deny",
  request: { body: jsonBody(statement) },
  responses: answer("The deny list in force", document),
});

const denied = createRoute({ method: "get", path: "/deny", responses: answer("The deny list in force", document) });

const trust = createRoute({ method: "get", path: "/trust", responses: answer("The authority map and its directors in force", document) });

const publish = createRoute({
  method: "post",
  path: "/trust",
  request: { body: jsonBody(statement) },
  responses: answer("The documents of trust in force from now on", document),
});

const ledger = createRoute({
  method: "get",
  path: "/ledger",
  responses: { 200: { description: "The ledger as JSON lines", content: { "text/plain": { schema: z.string() } } } },
});

const checkpoint = createRoute({
  method: "post",
  path: "/ledger/checkpoints",
  request: { body: jsonBody(statement) },
  responses: answer("Where the checkpoint stands in the ledger", document),
});

export function fleetRoutes(api: Api, service: ManagementService): void {
  api.openapi(status, (context) => context.json(body(service.status()), 200));
  api.openapi(deny, async (context) => context.json(body(await service.deny(context.req.valid("json").statement)), 200));
  api.openapi(denied, async (context) => context.json(body(await service.denied()), 200));
  api.openapi(trust, (context) => context.json(body(service.trust()), 200));
  api.openapi(publish, async (context) =>
    context.json(body(await service.publishTrust(context.req.valid("json").statement, context.get("operator").person)), 200),
  );
  api.openapi(checkpoint, async (context) => context.json(body(await service.checkpoint(context.req.valid("json").statement)), 200));
  api.openapi(ledger, (context) => context.text(service.ledger(), 200));
}
