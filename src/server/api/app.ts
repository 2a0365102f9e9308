/**
 * The management API: HTTPS with a bearer token per person, OpenAPI 3.1 at /api/v1/openapi.json. It validates, asks the
 * service, and answers; every rule lives in the rooms behind it.
 */
import { OpenAPIHono } from "@hono/zod-openapi";
import { bodyLimit } from "hono/body-limit";
import { EdictError } from "../../openc2/edict-error.ts";
import { ServerError } from "../errors.ts";
import { type Operator, operatorOf } from "../operators.ts";
import type { ChannelWatch } from "../channel-watch.ts";
import { API_BODY_BYTES_MAX } from "../limits.ts";
import type { ManagementService } from "../management-service.ts";
import { campaignRoutes } from "./campaign-routes.ts";
import { deviceRoutes } from "./device-routes.ts";
import { enrolmentRoutes } from "./enrolment-routes.ts";
import { fleetRoutes } from "./fleet-routes.ts";
import { reportRoutes } from "./report-routes.ts";
import { mayUse } from "./roles.ts";
import { watchRoutes } from "./watch-routes.ts";

export interface ApiEnv {
  Variables: { operator: Operator };
}

export type Api = OpenAPIHono<ApiEnv>;

export function makeApi(service: ManagementService, watch: ChannelWatch, operators: readonly Operator[]): Api {
  const api: Api = new OpenAPIHono<ApiEnv>({
    defaultHook: (result) => {
      if (!result.success) {
        const issue = result.error.issues[0];
        throw new ServerError("ERR_SERVER_REQUEST", `${["$", ...(issue?.path ?? [])].join(".")}: ${issue?.message ?? "not valid"}`);
      }
    },
  }).basePath("/api/v1");
  api.onError((error, context) => {
    const { status, ...body } = describe(error);
    return context.json({ error: body }, status);
  });
  api.notFound((context) =>
    context.json({ error: describe(new ServerError("ERR_SERVER_NOT_FOUND", `nothing at ${context.req.path}`)) }, 404),
  );
  api.doc31("/openapi.json", { openapi: "3.1.0", info: { title: "Edict management API", version: "1" } });
  // An import is the one body that is streamed; its own limit is counted as it arrives.
  const limit = bodyLimit({
    maxSize: API_BODY_BYTES_MAX,
    onError: () => {
      throw new ServerError("ERR_SERVER_REQUEST", `the body has more than ${API_BODY_BYTES_MAX} bytes`);
    },
  });
  api.use("*", (context, next) => (context.req.path === "/api/v1/devices" ? next() : limit(context, next)));
  api.use("*", async (context, next) => {
    const operator = operatorOf(operators, context.req.header("authorization"));
    if (operator === undefined) throw new ServerError("ERR_SERVER_UNAUTHORISED", "the bearer token is missing or unknown");
    if (!mayUse(operator.role, context.req.method, context.req.path))
      throw new ServerError("ERR_SERVER_FORBIDDEN", `${operator.person} may not use ${context.req.path}`);
    context.set("operator", operator);
    await next();
  });
  fleetRoutes(api, service);
  deviceRoutes(api, service);
  campaignRoutes(api, service);
  reportRoutes(api, service);
  enrolmentRoutes(api, service);
  watchRoutes(api, watch);
  return api;
}

function describe(error: unknown) {
  if (error instanceof EdictError) {
    const { actor, retry, status, help } = error.facts;
    return { code: error.code, message: error.message, actor, retry, status, help };
  }
  if (error instanceof SyntaxError) {
    return {
      code: "ERR_SERVER_REQUEST",
      message: error.message,
      actor: "producer",
      retry: false,
      status: 400,
      help: "Send JSON.",
    } as const;
  }
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: "ERR_SERVER_FAULT",
    message,
    actor: "us",
    retry: true,
    status: 500,
    help: "Look at the server's log and report it.",
  } as const;
}
