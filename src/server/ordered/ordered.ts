/** What an operator's command comes to before anybody is selected. */
import type { CohortRequest } from "../../fleet/cohort.ts";
import type { Command } from "../../openc2/model.ts";

export interface Ordered {
  /** With whatever the operator left open. */
  readonly command: Command;
  readonly request: CohortRequest;
  /** Of an update: the manufacturer's counter of the new version. */
  readonly releaseCounter?: number;
  /** What a device fetches without a delta; 0 when there is nothing to fetch. */
  readonly imageBytes: number;
  /** What a device that runs this version fetches. */
  readonly bytesOf: (version: string) => number;
}
