/** What the story and the process that holds the webcams say to one another. */
import type { MisfitKind } from "../story/misfits.ts";

export interface WebcamSpec {
  readonly id: string;
  readonly directory: string;
  readonly misfit?: MisfitKind;
}

export type ToWebcams =
  /** Switches on every webcam but those that the story keeps off; dials are spread over `overMs`. */
  | { readonly say: "power-on"; readonly webcams: readonly WebcamSpec[]; readonly overMs: number }
  /** Its owner updates one webcam by hand. */
  | {
      readonly say: "update-by-hand";
      readonly webcam: WebcamSpec;
      readonly image: string;
      readonly version: string;
      readonly counter: number;
    }
  | { readonly say: "end" };

export type FromWebcams =
  | { readonly say: "ready" }
  | { readonly say: "done"; readonly of: ToWebcams["say"] }
  | { readonly say: "happened"; readonly id: string; readonly what: string };
