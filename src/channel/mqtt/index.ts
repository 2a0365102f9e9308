/** OpenC2 through any MQTT 5 broker (OpenC2 over MQTT v1.0). */
export { type BrokerOptions, makeClientId, type Taken } from "./broker-client.ts";
export { DeviceLink, type DeviceLinkOptions } from "./device-link.ts";
export { MqttGateway, type MqttGatewayOptions } from "./gateway.ts";
export { MqttConsumer, type MqttConsumerOptions } from "./consumer.ts";
export { type Habits, MQTT_PEERS } from "./peers.ts";
export { type MqttAnswer, MqttProducer, type MqttProducerOptions, type Sending, type Sent } from "./producer.ts";
export type { MessageType, Serialisation } from "./properties.ts";
export type { Recipients } from "./topics.ts";
