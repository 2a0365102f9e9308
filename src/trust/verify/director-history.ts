/**
 * A director as somebody knows it who followed its versions through a log: what was signed long ago is judged by who had the say
 * then, what is signed now by who has it now. A stop or a deny list does not lapse because its signer has left. Pure.
 */
import { type Director, parseDirector } from "../director.ts";
import { verifyNextDirector } from "./succession.ts";

export class DirectorHistory {
  /** Ascending: the version that counts from this place in the log. */
  readonly #versions: { readonly fromSeq: number; readonly director: Director }[];

  constructor(pinned: Director) {
    this.#versions = [{ fromSeq: 0, director: pinned }];
  }

  get current(): Director {
    return this.at(Number.POSITIVE_INFINITY);
  }

  /** The version that counted for the entry with this seq. */
  at(seq: number): Director {
    const found = this.#versions.findLast(({ fromSeq }) => fromSeq <= seq);
    if (found === undefined) throw new RangeError(`there is no place ${seq} in a log`);
    return found.director;
  }

  /** Believes the next version, from this place on; those before what was pinned are passed over. Throws as verifyNextDirector. */
  async follow(document: Uint8Array, seq: number): Promise<void> {
    if (parseDirector(document).version <= this.current.version) return;
    this.#versions.push({ fromSeq: seq, director: await verifyNextDirector(this.current, document) });
  }
}
