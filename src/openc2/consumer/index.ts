/** The OpenC2 consumer runtime. Whatever speaks to a peer holds a ConsumerPort; whatever starts one calls makeConsumer. */
export { type Authorise, type Consumer, type ConsumerOptions, makeConsumer } from "./consumer.ts";
export { CONSUMER_ERRORS, ConsumerError, type ConsumerErrorCode } from "./errors.ts";
export type { ConsumerEvent, Observer } from "./events.ts";
export { MemoryStore } from "./memory-store.ts";
export type { Answer, ConsumerPort, Delivery, Dialect } from "./port.ts";
export type { Context, Handler, HandlerEntry } from "./registry.ts";
export { type CommandStore, type Kept, type KeptState } from "./store.ts";
