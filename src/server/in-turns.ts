/** Goes through very many items and lets whatever else the process has to do go in between. */

/** `count`: items between two pauses. */
export async function* inTurns<T>(items: Iterable<T>, count: number): AsyncGenerator<T> {
  let done = 0;
  for (const item of items) {
    yield item;
    done += 1;
    if (done % count === 0) await othersFirst();
  }
}

export function othersFirst(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
