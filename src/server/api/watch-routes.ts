/** Routes for whoever watches: the channel at this moment, for people as JSON and for a monitoring system as Prometheus reads it. */
import { createRoute, z } from "@hono/zod-openapi";
import type { ChannelWatch } from "../channel-watch.ts";
import { Exporter } from "../prometheus/exporter.ts";
import { answer, body } from "./answers.ts";
import type { Api } from "./app.ts";
import { document } from "./schemas.ts";

const gateway = createRoute({
  method: "get",
  path: "/gateway",
  responses: answer("What the parts of the gateway say of themselves, and how far the newest orders are", document),
});

const metrics = createRoute({
  method: "get",
  path: "/metrics",
  responses: { 200: { description: "Prometheus text format 0.0.4", content: { "text/plain": { schema: z.string() } } } },
});

export function watchRoutes(api: Api, watch: ChannelWatch): void {
  const exporter = new Exporter();
  api.openapi(gateway, (context) => context.json(body(watch.view()), 200));
  api.openapi(metrics, async (context) =>
    context.text(await exporter.text(watch.figures()), 200, { "content-type": exporter.contentType }),
  );
}
