/** Waits, unless it is called off. */

/** The longest that a timer can wait; a start time weeks ahead takes several. */
const TIMER_MAX_MS = 0x7f_ff_ff_ff;

/** Rejects with the signal's reason when it is aborted. Not positive means at once. */
export async function wait(ms: number, signal: AbortSignal): Promise<void> {
  signal.throwIfAborted();
  for (let leftMs = ms; leftMs > 0; leftMs -= TIMER_MAX_MS) await waitOnce(Math.min(leftMs, TIMER_MAX_MS), signal);
}

function waitOnce(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const stop = () => {
      clearTimeout(timer);
      reject(signal.reason);
    };
    const timer = setTimeout(() => {
      signal.removeEventListener("abort", stop);
      resolve();
    }, ms);
    signal.addEventListener("abort", stop, { once: true });
  });
}
