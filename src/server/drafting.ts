/**
 * From what people ask for to drafts that are kept: a campaign, or all steps of a playbook. A playbook is kept whole or not at all: every
 * step is planned and judged before the first is kept.
 */
import type { RoaringBitmap32 } from "roaring-wasm";
import type { Campaign } from "../campaign/campaign.ts";
import { type Draft, draftCampaign } from "../campaign/draft.ts";
import { keepDraft } from "../campaign/keep-draft.ts";
import { enforcePolicy, type Finding, judgePolicy } from "../campaign/policy.ts";
import { EdictError } from "../openc2/edict-error.ts";
import type { DraftRequest, PlaybookRequest } from "./api/schemas.ts";
import type { DraftView, PlaybookDraftView } from "./api/views.ts";
import { overlapsOf, viewOf } from "./campaign-view.ts";
import { planDraft } from "./draft-plan.ts";
import type { ManagementPorts } from "./management-service.ts";
import { policyFacts } from "./policy-facts.ts";

interface Proposal extends Omit<DraftView, "campaign"> {
  /** Absent when nobody is selected and only a dry run was asked for. */
  readonly draft?: Draft;
}

/** What is known of a draft beside its request. */
type Origin = Pick<Campaign, "orderedBy" | "playbook">;

/** An error of one step, with the code that it has by itself. */
class StepError extends EdictError {}

export class Drafting {
  readonly #ports: ManagementPorts;

  constructor(ports: ManagementPorts) {
    this.#ports = ports;
  }

  async draft(request: DraftRequest, person: string, origin: Origin): Promise<DraftView> {
    const proposal = await this.#propose(request, person, origin);
    if (request.dryRun !== true) this.#keep([proposal]);
    return this.#view(proposal, request.dryRun === true);
  }

  /** Each step begins when the one before it is done. */
  async playbook({ playbook, steps, dryRun = false }: PlaybookRequest, person: string): Promise<PlaybookDraftView> {
    const proposals: Proposal[] = [];
    for (const [index, step] of steps.entries()) {
      const before = steps[index - 1]?.command.command_id;
      const request = { ...step, dryRun, ...(before !== undefined && { after: before }) };
      proposals.push(await inStep(index, step, () => this.#propose(request, person, { playbook })));
    }
    if (!dryRun) this.#keep(proposals);
    return { playbook, steps: proposals.map((proposal) => this.#view(proposal, dryRun)) };
  }

  async judge(campaign: Campaign, cohort: RoaringBitmap32): Promise<readonly Finding[]> {
    const { state, fleet, trust, clock } = this.#ports;
    const ports = { fleet, depot: state.paths.depot, director: trust.directors.current, nowMs: clock.nowMs() };
    return judgePolicy(await policyFacts(campaign, cohort, ports), campaign.overrides);
  }

  async #propose(request: DraftRequest, person: string, origin: Origin): Promise<Proposal> {
    const { dryRun, input } = await planDraft(request, person, this.#ports);
    // Of an empty cohort there is a dry run, which says why it is empty, and no draft.
    if (request.dryRun === true && dryRun.devices === 0) return { dryRun, policy: [], overlaps: [] };
    const draft = await draftCampaign({ ...input, ...origin });
    const policy = await this.judge(draft.campaign, draft.cohort);
    if (request.dryRun !== true) enforcePolicy(policy);
    return { dryRun, policy, overlaps: overlapsOf(draft.campaign, draft.cohort, this.#ports), draft };
  }

  #keep(proposals: readonly Proposal[]): void {
    const { campaigns } = this.#ports;
    campaigns.atomically(() => {
      for (const { draft } of proposals) if (draft !== undefined) keepDraft(campaigns, draft);
    });
  }

  #view({ draft, ...said }: Proposal, isDryRun: boolean): DraftView {
    return isDryRun || draft === undefined ? said : { ...said, campaign: viewOf(draft.campaign, this.#ports) };
  }
}

async function inStep<T>(index: number, { command }: DraftRequest, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (!(error instanceof EdictError)) throw error;
    throw new StepError(error.code, error.facts, `step ${index + 1} (${command.command_id}): ${error.message}`, { cause: error });
  }
}
