/**
 * The shapes of the management API, once: routes validate with them, the OpenAPI document is made of them, and the client
 * is typed by them. Times are ms since the epoch unless a name says otherwise.
 */
import { z } from "@hono/zod-openapi";
import { NEWCOMERS_MAX, PLAYBOOK_STEPS_MAX, PRIORITY_MAX, REASON_CHARACTERS_MAX } from "../../campaign/limits.ts";

const milliseconds = z.int().min(0);

export const softwareDraft = z.strictObject({
  vendor: z.string(),
  name: z.string(),
  old_version: z.string().optional(),
  new_version: z.string(),
  source: z.url().optional(),
});

const commandId = z.string().regex(/^\S{1,34}$/, "1 to 34 characters without spaces: the canary and the query append two");

/** An OpenC2 update that may still lack what the release knows: size, digest, source; and its args. */
const updateDraft = z.strictObject({
  action: z.literal("update"),
  target: z.strictObject({ "x-swup:software": softwareDraft }),
  command_id: commandId,
  args: z.strictObject({ response_requested: z.literal("none") }),
});
export type UpdateDraft = z.infer<typeof updateDraft>;

/** An OpenC2 stop of a process, without until when it holds. What a process is, the language says. */
const stopDraft = z.strictObject({
  action: z.literal("stop"),
  target: z.strictObject({ process: z.record(z.string(), z.unknown()) }),
  actuator: z.strictObject({ "x-iot": z.strictObject({}) }).optional(),
  command_id: commandId,
  args: z.strictObject({ response_requested: z.literal("none"), "x-iot": z.strictObject({ grace: milliseconds }).optional() }),
});
export type StopDraft = z.infer<typeof stopDraft>;

export const ladderDraft = z.strictObject({
  /** An emergency has short times; its ladder, halt rules and signatures are those of every campaign. */
  lane: z.enum(["calm", "emergency"]).optional(),
  canaryCount: z.int().min(1).optional(),
  growth: z.number().min(1).max(4).optional(),
  soakMs: milliseconds.optional(),
  settledShare: z.number().min(0).max(1).optional(),
  settleMaxMs: milliseconds.optional(),
  lostAfterMs: milliseconds.optional(),
  controlCount: z.int().min(0).optional(),
  /** Devices of one region, or of one hardware revision, in one wave at the most. */
  regionCountMax: z.int().min(1).optional(),
  hardwareCountMax: z.int().min(1).optional(),
});

const reason = z.string().trim().min(1).max(REASON_CHARACTERS_MAX);

export const draftRequest = z
  .strictObject({
    command: z.discriminatedUnion("action", [updateDraft, stopDraft]),
    /** RSQL. A stop has to have one: it names no devices itself. */
    query: z.string().optional(),
    /** Nothing is sent before; absent means as soon as it is approved. ms since the epoch */
    notBeforeMs: milliseconds.optional(),
    /** From then, or from now. */
    expiresInMs: z
      .int()
      .min(1_000)
      .max(90 * 86_400_000),
    spreadMs: milliseconds.optional(),
    ratePerSecond: z.number().positive().optional(),
    failedShareMax: z.number().min(0).max(1).optional(),
    missingShareMax: z.number().min(0).max(1).optional(),
    ladder: ladderDraft.optional(),
    /** Id of a campaign that has to be done first. */
    after: z.string().optional(),
    /** Minutes after a device's own midnight, and the zone of devices whose own is not known. */
    hours: z.strictObject({ from: z.int(), to: z.int(), zone: z.string().default("UTC") }).optional(),
    /** Devices that appear later and match the request may join until it ends, so many at the most; absent means none. */
    newcomersMax: z.int().min(1).max(NEWCOMERS_MAX).optional(),
    /** Where campaigns overlap on devices the higher goes first. */
    priority: z.int().min(0).max(PRIORITY_MAX).optional(),
    optOutOverride: z.string().min(1).optional(),
    /** Reasons for going on against the policy, by its code; recorded. */
    overrides: z.strictObject({ POLICY_MODEL_SHARE: reason.optional(), POLICY_NEWER_RUNS: reason.optional() }).optional(),
    /** Only tell what would happen; keep nothing. */
    dryRun: z.boolean().optional(),
  })
  .openapi("DraftRequest");
export type DraftRequest = z.input<typeof draftRequest>;
export type DraftOrder = z.output<typeof draftRequest>;
export type DraftTerms = Omit<DraftOrder, "command">;

/** Campaigns that follow one another: each step but the first comes after the one before it. */
export const playbookRequest = z
  .strictObject({
    playbook: z.string().regex(/^\S{1,64}$/, "1 to 64 characters without spaces"),
    steps: z
      .array(draftRequest.omit({ after: true, dryRun: true }))
      .min(1)
      .max(PLAYBOOK_STEPS_MAX),
    dryRun: z.boolean().optional(),
  })
  .openapi("PlaybookRequest");
export type PlaybookRequest = z.input<typeof playbookRequest>;

export const signatures = z
  .strictObject({ canary: z.string(), mass: z.string(), query: z.string(), permit: z.string() })
  .openapi("Signatures");
export type Signatures = z.infer<typeof signatures>;

export const statement = z.strictObject({ statement: z.string() }).openapi("SignedStatement");
export const pauseRequest = z.strictObject({ reason }).openapi("PauseRequest");
export const cancelRequest = z.strictObject({ statement: z.string(), frame: z.string() }).openapi("CancelRequest");

export const problem = z
  .object({ error: z.object({ code: z.string(), message: z.string(), help: z.string(), actor: z.string(), retry: z.boolean() }) })
  .openapi("Problem");

/** Documents that other rooms define as TypeScript types pass through as they are. */
export const document = z.record(z.string(), z.unknown()).openapi("Document");
