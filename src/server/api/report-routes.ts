/** Routes about the after-action of a campaign: report, counts, export, and verification by asking. */
import { createRoute, z } from "@hono/zod-openapi";
import { EXPORT_PARTS } from "../../after-action/index.ts";
import { DOCUMENT_FORMATS, type DocumentFormat, ROW_FORMATS, type RowFormat } from "../campaign-reports.ts";
import type { ManagementService } from "../management-service.ts";
import { answer, body, jsonBody } from "./answers.ts";
import type { Api } from "./app.ts";
import { document } from "./schemas.ts";
import { streamOf } from "./text-stream.ts";

const params = z.object({ id: z.string() });
/** No media type is declared: the routes answer with streams, which the framework's types know nothing of. */
const text = (description: string) => ({ 200: { description } });

const ask = createRoute({
  method: "post",
  path: "/campaigns/{id}/queries",
  request: { params },
  responses: answer("How many devices are asked, at a polite pace", document),
});
const report = createRoute({
  method: "get",
  path: "/campaigns/{id}/report",
  request: {
    params,
    query: z.object({
      format: z.enum([...DOCUMENT_FORMATS, ...ROW_FORMATS]).default("json"),
      columns: z.coerce.number().int().min(40).max(400).default(100),
      at: z.coerce.number().int().min(0).optional(),
      check: z.stringbool().default(false),
    }),
  },
  responses: text("The after-action report, in the media type of its format"),
});
const counts = createRoute({
  method: "get",
  path: "/campaigns/{id}/counts",
  request: { params },
  responses: answer("Counts per verdict, as it was last judged", document),
});
const exported = createRoute({
  method: "get",
  path: "/campaigns/{id}/export/{part}",
  request: { params: params.extend({ part: z.enum(EXPORT_PARTS) }) },
  responses: text("One part of the case, as JSON lines"),
});
const wish = z.strictObject({
  within: z.number().gt(0).lt(1),
  confidence: z.number().gt(0).lt(1).default(0.95),
  isFull: z.boolean().default(false),
  dryRun: z.boolean().default(false),
  anew: z.boolean().default(false),
});
const verification = answer("The plan, and what the answers so far say", document);
const start = createRoute({
  method: "post",
  path: "/campaigns/{id}/verification",
  request: { params, body: jsonBody(wish) },
  responses: verification,
});
const look = createRoute({ method: "get", path: "/campaigns/{id}/verification", request: { params }, responses: verification });
const next = createRoute({
  method: "post",
  path: "/campaigns/{id}/verification/asks",
  request: { params, body: jsonBody(z.strictObject({ ratePerSecond: z.number().positive().optional() })) },
  responses: verification,
});

const MEDIA_TYPES: { readonly [format in DocumentFormat | RowFormat]: string } = {
  json: "application/json",
  "follow-up": "application/json",
  html: "text/html; charset=utf-8",
  pdf: "application/pdf",
  csv: "text/csv; charset=utf-8",
  jsonl: "application/jsonl; charset=utf-8",
  text: "text/plain; charset=utf-8",
  cra: "text/markdown; charset=utf-8",
};

export function reportRoutes(api: Api, service: ManagementService): void {
  api.openapi(ask, async (context) => context.json(body(await service.ask(context.req.valid("param").id)), 200));
  api.openapi(report, async (context) => {
    const { format, columns, at: atMs, check: isChecked } = context.req.valid("query");
    const reports = service.reportOf(context.req.valid("param").id);
    const rows = ROW_FORMATS.find((known) => known === format);
    const documents = DOCUMENT_FORMATS.find((known) => known === format) ?? "json";
    const given =
      rows === undefined
        ? await reports.document(documents, columns, { atMs, isChecked })
        : streamOf(reports.lines(rows, { atMs, isChecked }));
    return new Response(given as BodyInit, { headers: { "content-type": MEDIA_TYPES[format] } });
  });
  api.openapi(counts, async (context) => context.json(body(await service.reportOf(context.req.valid("param").id).counts()), 200));
  api.openapi(exported, (context) => {
    const { id, part } = context.req.valid("param");
    return new Response(streamOf(service.reportOf(id).exported(part)), { headers: { "content-type": MEDIA_TYPES.jsonl } });
  });
  api.openapi(start, async (context) => {
    const { dryRun: isDryRun, anew: isAnew, ...given } = context.req.valid("json");
    return context.json(body(await service.reportOf(context.req.valid("param").id).startVerification(given, { isDryRun, isAnew })), 200);
  });
  api.openapi(look, async (context) => context.json(body(await service.reportOf(context.req.valid("param").id).verification()), 200));
  api.openapi(next, async (context) => {
    const { ratePerSecond } = context.req.valid("json");
    return context.json(body(await service.reportOf(context.req.valid("param").id).askNext(ratePerSecond)), 200);
  });
}
