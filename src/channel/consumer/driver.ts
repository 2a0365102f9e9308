/** Gives a consumer its wall clock and its timer: commands begin when they are due, also when nothing else happens. */
import { type Consumer, type ConsumerOptions, type ConsumerPort, makeConsumer } from "../../openc2/consumer/index.ts";
import { CONSUMER_LOOK_MAX_MS } from "../limits.ts";

export interface RunningConsumer extends ConsumerPort {
  /** Ends the timer; then the store may be closed. What it keeps waits for the next process. */
  stop(): void;
}

/** Begins at once what came due while no process ran. */
export function startConsumer(options: Omit<ConsumerOptions, "clock" | "onChange">): RunningConsumer {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let turn: ReturnType<typeof setImmediate> | undefined;
  let isStopped = false;
  const consumer: Consumer = makeConsumer({ ...options, clock: { nowMs: Date.now }, onChange: arm });
  consumer.tick(Date.now());
  return {
    receive: (delivery) => consumer.receive(delivery),
    stop() {
      isStopped = true;
      clearImmediate(turn);
      clearTimeout(timer);
    },
  };

  /** Once a turn of the event loop, however much changed in it. */
  function arm(): void {
    if (!isStopped) turn ??= setImmediate(setTimer);
  }

  function setTimer(): void {
    turn = undefined;
    clearTimeout(timer);
    const dueMs = consumer.nextDueMs();
    if (dueMs === undefined) return;
    const waitMs = Math.min(Math.max(dueMs - Date.now(), 0), CONSUMER_LOOK_MAX_MS);
    timer = setTimeout(() => consumer.tick(Date.now()), waitMs);
  }
}
