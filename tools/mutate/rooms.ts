/** What is broken, and which tests have to notice: a room's own, because a story that fails at its end says little of where. */
import { Glob } from "bun";

export interface Room {
  /** Globs. */
  readonly sources: readonly string[];
  readonly tests: readonly string[];
}

export const ROOMS: { readonly [name: string]: Room } = {
  trust: { sources: ["src/trust/**/*.ts"], tests: ["test/trust/**/*.test.ts"] },
  campaign: {
    sources: ["src/campaign/{approval,draft,halt-rules,holds,plan,plan-newcomers,plan-wave,policy,wave-order,keyed-order}.ts"],
    tests: [
      "test/campaign/{approval,commands,draft,draft-choices,draft-terms,dry-run,halt-evidence,halt-rules,holds,overlap,plan,plan-newcomers,plan-wave}.test.ts",
      "test/campaign/{policy,sequential-test,wave-caps,wave-order,keyed-order}.test.ts",
    ],
  },
  gateway: { sources: ["src/channel/gateway/order-check.ts"], tests: ["test/channel/gateway/order-check.test.ts"] },
};

/** Their tables are compared with docs/errors.md, word by word. */
const LEFT_OUT = /\/errors\.ts$/;

export function sourcesOf({ sources }: Room, root: string): readonly string[] {
  return filesOf(sources, root).filter((file) => !LEFT_OUT.test(file));
}

export function testsOf({ tests }: Room, root: string): readonly string[] {
  return filesOf(tests, root);
}

function filesOf(globs: readonly string[], root: string): readonly string[] {
  return globs.flatMap((glob) => [...new Glob(glob).scanSync({ cwd: root })]).toSorted();
}
