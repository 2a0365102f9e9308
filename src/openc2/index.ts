/** What is said: the OpenC2 language. Pure, so that it runs on devices, servers and in browsers alike. */
export { type EffectiveTimes, effectiveTimes } from "./times.ts";
export { EdictError, type Actor, type ErrorFacts, type ErrorTable } from "./edict-error.ts";
export { OPENC2_ERRORS, OpenC2Error, type OpenC2ErrorCode } from "./errors.ts";
export { encodeCbor } from "./cbor/encode.ts";
export { readCbor } from "./cbor/read.ts";
export { checkMassCommand, parseCommand, validateCommand } from "./command.ts";
export { type Dialect, DIALECTS, dialectOf } from "./dialects/dialect.ts";
export { encodeForPeer, type Peer, PEERS } from "./dialects/peers.ts";
export { type MessageOptions, parseMessage, readMessage } from "./dialects/read.ts";
export type { ReadMessage, ReadRequest, ReadResponse } from "./dialects/read-message.ts";
export { MENDABLE, type Mendable, type Tolerance } from "./dialects/tolerances.ts";
export { encodeMessage, encodeRequest, encodeResponse, writeMessage } from "./dialects/write.ts";
export type { ReadOptions } from "./extensions.ts";
export { readValue, type Serialisation, serialisationOf, serialise } from "./serialisation.ts";
export { type JsonLimits, readJson } from "./json/read.ts";
export type {
  Action,
  Args,
  Command,
  Feature,
  Headers,
  JsonObject,
  JsonValue,
  Message,
  Response,
  Results,
  Status,
  Target,
  Validated,
} from "./model.ts";
export { type Profile, type ProfileSet, profileSet } from "./profiles/profile.ts";
export { PROFILES } from "./profiles/registry.ts";
export type { SlpfActuator, SlpfArgs, SlpfResults } from "./profiles/slpf/model.ts";
export { slpf } from "./profiles/slpf/profile.ts";
export {
  type DeviceModel,
  type LastCommand,
  MODEL_TARGET,
  type ProcessTarget,
  type RunningProcess,
  type XIotArgs,
  type XIotResults,
} from "./profiles/x-iot/model.ts";
export { xIot } from "./profiles/x-iot/profile.ts";
export {
  type Digests,
  type InstalledSoftware,
  type LastUpdate,
  SOFTWARE_TARGET,
  type Software,
  type UpdateState,
  X_SWUP,
  type XSwupArgs,
  type XSwupResults,
} from "./profiles/x-swup/model.ts";
export { xSwup } from "./profiles/x-swup/profile.ts";
export { featuresResults, parseResponse, validateResponse } from "./response.ts";
