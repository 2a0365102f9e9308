/**
 * What is going to happen, by time: a binary heap in typed arrays, because a million devices have millions of events ahead of them.
 * What is due at the same instant happens in the order in which it was put in, so that the same seed always tells the same story.
 */

const FIRST_CAPACITY = 1_024;

/** Of an event: what it is for is the caller's number. */
export class EventQueue {
  #times = new Float64Array(FIRST_CAPACITY);
  #orders = new Float64Array(FIRST_CAPACITY);
  #codes = new Int32Array(FIRST_CAPACITY);
  #size = 0;
  #given = 0;

  get size(): number {
    return this.#size;
  }

  /** When the next one is due; infinite when nothing is. */
  get nextMs(): number {
    return this.#size === 0 ? Number.POSITIVE_INFINITY : (this.#times[0] ?? Number.POSITIVE_INFINITY);
  }

  push(atMs: number, code: number): void {
    if (this.#size === this.#times.length) this.#grow();
    this.#given += 1;
    let at = this.#size;
    this.#size += 1;
    while (at > 0) {
      const parent = (at - 1) >> 1;
      // Later ones have a higher order, so that a tie leaves them below.
      if ((this.#times[parent] ?? 0) <= atMs) break;
      this.#copy(parent, at);
      at = parent;
    }
    this.#set(at, atMs, this.#given, code);
  }

  /** The code of what is due next. */
  pop(): number {
    const code = this.#codes[0] ?? 0;
    this.#size -= 1;
    const last = this.#size;
    const [time = 0, order = 0, lastCode = 0] = [this.#times[last], this.#orders[last], this.#codes[last]];
    let at = 0;
    for (;;) {
      let child = 2 * at + 1;
      if (child >= last) break;
      if (child + 1 < last && this.#isBefore(child + 1, child)) child += 1;
      const childTime = this.#times[child] ?? 0;
      if (childTime > time || (childTime === time && (this.#orders[child] ?? 0) > order)) break;
      this.#copy(child, at);
      at = child;
    }
    this.#set(at, time, order, lastCode);
    return code;
  }

  #isBefore(one: number, other: number): boolean {
    const [oneMs = 0, otherMs = 0] = [this.#times[one], this.#times[other]];
    return oneMs < otherMs || (oneMs === otherMs && (this.#orders[one] ?? 0) < (this.#orders[other] ?? 0));
  }

  #copy(from: number, to: number): void {
    this.#set(to, this.#times[from] ?? 0, this.#orders[from] ?? 0, this.#codes[from] ?? 0);
  }

  #set(at: number, atMs: number, order: number, code: number): void {
    this.#times[at] = atMs;
    this.#orders[at] = order;
    this.#codes[at] = code;
  }

  #grow(): void {
    const capacity = this.#times.length * 2;
    const [times, orders, codes] = [this.#times, this.#orders, this.#codes];
    this.#times = new Float64Array(capacity);
    this.#orders = new Float64Array(capacity);
    this.#codes = new Int32Array(capacity);
    this.#times.set(times);
    this.#orders.set(orders);
    this.#codes.set(codes);
  }
}
