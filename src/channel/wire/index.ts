/** How a channel looks on the wire: pure, used by gateways and devices alike. */
export { nextWaitMs } from "./backoff.ts";
export { ClientProtocol, type ClientEvent } from "./client-protocol.ts";
export {
  type Downward,
  encodeCheckIn,
  encodeGoodbye,
  encodeTrust,
  isCheckIn,
  parseDownward,
  parseUpward,
  readAlive,
  type Upward,
} from "./codec.ts";
export { encodeEvent, KEEP_ALIVE, streamResponse } from "./event-stream.ts";
export { CLOSE, encodeClose, encodeFrame, type Frame, FrameError, FrameReader, OPCODES } from "./frames.ts";
export {
  acceptKey,
  CHANNEL_PATH,
  checkUpgrade,
  errorResponse,
  type ErrorStatus,
  type Head,
  HeadReader,
  SUBPROTOCOL,
  takenResponse,
  upgradeRequest,
  upgradeResponse,
} from "./http.ts";
export { EDICT_JSON, type GatewayRequest, OPENC2_JSON, type PostRequest, readRequest } from "./request.ts";
export type { Link, LinkEvents } from "./link.ts";
export type { CheckIn, Goodbye, TrustVersions } from "./messages.ts";
