/** Routes about devices: imports of any size, what is known of one device, and exports. */
import { createRoute, z } from "@hono/zod-openapi";
import type { ManagementService } from "../management-service.ts";
import { answer, body } from "./answers.ts";
import type { Api } from "./app.ts";
import { document } from "./schemas.ts";
import { streamOf } from "./text-stream.ts";

const format = z.object({ format: z.enum(["csv", "jsonl"]) });

const importDevices = createRoute({
  method: "post",
  path: "/devices",
  request: { query: format, body: { content: { "text/plain": { schema: z.string() } } } },
  responses: answer("The import: ended if it is small, else to be asked about", document),
});

const importView = createRoute({
  method: "get",
  path: "/devices/imports/{id}",
  request: { params: z.object({ id: z.string() }) },
  responses: answer("How far the import is", document),
});

const device = createRoute({
  method: "get",
  path: "/devices/{id}",
  request: { params: z.object({ id: z.string() }) },
  responses: answer("What is known of the device, who said it, and when", document),
});

const exportDevices = createRoute({
  method: "get",
  path: "/devices",
  request: { query: format.extend({ query: z.string().optional() }) },
  responses: { 200: { description: "The devices as plain text, as an import takes them" } },
});

export function deviceRoutes(api: Api, service: ManagementService): void {
  api.openapi(importDevices, async (context) => {
    const bytes = context.req.raw.body ?? new Blob([]).stream();
    return context.json(body(await service.importDevices(bytes, context.req.valid("query").format, context.get("operator").person)), 200);
  });
  api.openapi(importView, (context) => context.json(body(service.importView(context.req.valid("param").id)), 200));
  api.openapi(exportDevices, (context) => {
    const { format, query } = context.req.valid("query");
    return context.body(streamOf(service.exportDevices(format, query)), 200, { "content-type": "text/plain; charset=utf-8" });
  });
  api.openapi(device, (context) => context.json(body(service.device(context.req.valid("param").id)), 200));
}
