/** How routes declare their bodies and answers, so that each route is one readable line. */
import type { z } from "@hono/zod-openapi";
import { problem } from "./schemas.ts";

export function answer<T extends z.ZodType>(description: string, schema: T) {
  return {
    200: { description, content: { "application/json": { schema } } },
    default: { description: "What went wrong and what to do", content: { "application/json": { schema: problem } } },
  };
}

export function jsonBody<T extends z.ZodType>(schema: T) {
  return { required: true, content: { "application/json": { schema } } };
}

/** A view as the body of an answer. Views are plain JSON by construction; their types say more than an index signature can. */
export function body(view: object): Record<string, never> {
  return view as Record<string, never>;
}
