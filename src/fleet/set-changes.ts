/** Devices that enter and leave sets, gathered so that each block of each set is read and written once. Pure. */
import { ORDINALS_PER_BLOCK } from "./limits.ts";

/** What happens to one block of one set: an ordinal is in one of the two lists, once. */
export interface BlockChange {
  readonly family: string;
  readonly value: string;
  readonly block: number;
  readonly added: readonly number[];
  readonly removed: readonly number[];
}

export class SetChanges {
  /** family -> value -> ordinals in order of the changes; those that leave as -1 - ordinal. */
  readonly #logs = new Map<string, Map<string, number[]>>();

  add(family: string, value: string, ordinal: number): void {
    this.#log(family, value).push(ordinal);
  }

  remove(family: string, value: string, ordinal: number): void {
    this.#log(family, value).push(-1 - ordinal);
  }

  *byBlock(): Iterable<BlockChange> {
    for (const [family, values] of this.#logs) {
      for (const [value, log] of values) {
        for (const [block, part] of blocksOf(log)) yield { family, value, block, ...settle(part) };
      }
    }
  }

  #log(family: string, value: string): number[] {
    let values = this.#logs.get(family);
    if (values === undefined) this.#logs.set(family, (values = new Map()));
    let log = values.get(value);
    if (log === undefined) values.set(value, (log = []));
    return log;
  }
}

export function blockOf(ordinal: number): number {
  return Math.floor(ordinal / ORDINALS_PER_BLOCK);
}

function blocksOf(log: readonly number[]): ReadonlyMap<number, number[]> {
  const blocks = new Map<number, number[]>();
  for (const entry of log) {
    const block = blockOf(entry < 0 ? -1 - entry : entry);
    const known = blocks.get(block);
    if (known === undefined) blocks.set(block, [entry]);
    else known.push(entry);
  }
  return blocks;
}

/** What was said last about an ordinal counts: a device may stand in a file twice. */
function settle(part: readonly number[]): Pick<BlockChange, "added" | "removed"> {
  if (part.every((entry) => entry >= 0)) return { added: part, removed: [] };
  const last = new Map(part.map((entry) => [entry < 0 ? -1 - entry : entry, entry >= 0]));
  const ordinals = [...last.keys()];
  return { added: ordinals.filter((ordinal) => last.get(ordinal)), removed: ordinals.filter((ordinal) => !last.get(ordinal)) };
}
