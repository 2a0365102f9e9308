/** Mutants that no test notices and none should, each with the reason; whoever adds one has tried to write the test first. */
export interface Harmless {
  readonly why: string;
  /** Their ids. */
  readonly mutants: readonly string[];
}

export const HARMLESS: readonly Harmless[] = [];

export function reasonOf(id: string): string | undefined {
  return HARMLESS.find(({ mutants }) => mutants.includes(id))?.why;
}
