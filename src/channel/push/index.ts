/** OpenC2 over HTTPS v1.1: a consumer's listener, and a producer. */
export { type Habits, HTTPS_PEERS } from "./habits.ts";
export { HttpsConsumer, type HttpsConsumerOptions } from "./https-consumer.ts";
export { type Destination, HttpsProducer, type HttpsProducerOptions } from "./https-producer.ts";
export type { Outcome } from "./outcome.ts";
