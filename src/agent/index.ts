/** What a device does. */
export { Agent, type AgentEvent, type AgentOptions } from "./agent.ts";
export { type DeviceConfig, type DeviceDocument, readDeviceConfig } from "./config.ts";
export { Disk, type Step } from "./disk.ts";
export { AGENT_ERRORS, AgentError, type AgentErrorCode } from "./errors.ts";
export { type FactoryOrder, makeDeviceDirectory } from "./factory.ts";
