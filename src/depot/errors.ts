/** The errors of the depot, both ends: publishing and serving, and the client on the device. */
import { EdictError, type ErrorTable } from "../openc2/edict-error.ts";

export type DepotErrorCode =
  | "ERR_DEPOT_REPOSITORY"
  | "ERR_DEPOT_RELEASE"
  | "ERR_DEPOT_COUNTER"
  | "ERR_DEPOT_ROLE"
  | "ERR_DEPOT_BUNDLE"
  | "ERR_DEPOT_THRESHOLD"
  | "ERR_DEPOT_DIGEST"
  | "ERR_DEPOT_DELTA"
  | "ERR_DEPOT_METADATA"
  | "ERR_DEPOT_METADATA_EXPIRED"
  | "ERR_DEPOT_METADATA_ROLLBACK"
  | "ERR_DEPOT_METADATA_SIGNATURE"
  | "ERR_DEPOT_RELEASE_NOT_FOUND"
  | "ERR_DEPOT_UNREACHABLE"
  | "ERR_DEPOT_BUSY"
  | "ERR_DEPOT_BLOB_NOT_FOUND"
  | "ERR_DEPOT_RESPONSE"
  | "ERR_DEPOT_CUT"
  | "ERR_DEPOT_TOO_LONG"
  | "ERR_DEPOT_SLOW"
  | "ERR_DEPOT_ABORTED"
  | "ERR_DEPOT_SOURCE_URL"
  | "ERR_DEPOT_SOURCE_SCHEME"
  | "ERR_DEPOT_SOURCE_PORT"
  | "ERR_DEPOT_SOURCE_USERINFO"
  | "ERR_DEPOT_SOURCE_ADDRESS"
  | "ERR_DEPOT_SOURCE_HOST";

export const DEPOT_ERRORS: ErrorTable<DepotErrorCode> = {
  ERR_DEPOT_REPOSITORY: {
    actor: "operator",
    retry: false,
    status: 500,
    help: "The image repository is missing, exists already or does not verify; check the directory and the root that is pinned.",
  },
  ERR_DEPOT_RELEASE: {
    actor: "operator",
    retry: false,
    status: 400,
    help: "The release is described wrongly or is published already; a new version needs a new version text.",
  },
  ERR_DEPOT_COUNTER: {
    actor: "operator",
    retry: false,
    status: 400,
    help: "The counter must be higher than that of every earlier release of this vendor and name; leave it out to take the next one.",
  },
  ERR_DEPOT_ROLE: {
    actor: "operator",
    retry: false,
    status: 400,
    help: "Name a role that there is, and as many people as have to sign, each with one key: `edict release show`.",
  },
  ERR_DEPOT_BUNDLE: {
    actor: "operator",
    retry: false,
    status: 400,
    help: "The bundle is not one of Edict's, is damaged, or was prepared before another change was published: prepare it again.",
  },
  ERR_DEPOT_THRESHOLD: {
    actor: "operator",
    retry: false,
    status: 403,
    help: "More people must sign: write a bundle with --bundle, have it signed with `edict release sign`, then `edict release publish`.",
  },
  ERR_DEPOT_DIGEST: {
    actor: "operator",
    retry: false,
    status: 400,
    help: "The bytes are not those that the digest promises; take the blob from its origin again.",
  },
  ERR_DEPOT_DELTA: {
    actor: "operator",
    retry: false,
    status: 500,
    help: "The delta does not lead from the one image to the other; devices take the full image. Publish the next release with new deltas.",
  },
  ERR_DEPOT_METADATA: {
    actor: "operator",
    retry: true,
    status: 500,
    help: "The repository's metadata is malformed or does not belong together; compare the mirror with the repository.",
  },
  ERR_DEPOT_METADATA_EXPIRED: {
    actor: "operator",
    retry: true,
    status: 500,
    help: "The repository's metadata has expired, or somebody holds back newer metadata; renew it and check the mirrors.",
  },
  ERR_DEPOT_METADATA_ROLLBACK: {
    actor: "operator",
    retry: true,
    status: 500,
    help: "A mirror offers metadata older than the device has seen; treat the mirror as hostile until explained.",
  },
  ERR_DEPOT_METADATA_SIGNATURE: {
    actor: "operator",
    retry: true,
    status: 500,
    help: "Metadata is not signed by the repository's keys; treat the mirror as hostile until explained.",
  },
  ERR_DEPOT_RELEASE_NOT_FOUND: {
    actor: "producer",
    retry: true,
    status: 404,
    help: "The image repository does not name this release; publish it before commanding it.",
  },
  ERR_DEPOT_UNREACHABLE: {
    actor: "operator",
    retry: true,
    status: 503,
    help: "No depot answered; check that it runs, the name, the certificate and the network.",
  },
  ERR_DEPOT_BUSY: {
    actor: "operator",
    retry: true,
    status: 503,
    help: "Every depot is shedding load; widen the campaign's spread or add mirrors.",
  },
  ERR_DEPOT_BLOB_NOT_FOUND: {
    actor: "operator",
    retry: true,
    status: 404,
    help: "No mirror holds these bytes; copy the blob to the mirrors.",
  },
  ERR_DEPOT_RESPONSE: {
    actor: "operator",
    retry: true,
    status: 500,
    help: "A mirror answered something other than the bytes asked for; check the mirror's software.",
  },
  ERR_DEPOT_CUT: {
    actor: "operator",
    retry: true,
    status: 503,
    help: "The connection ended before the last byte, again and again; check the mirror and the network between.",
  },
  ERR_DEPOT_TOO_LONG: {
    actor: "operator",
    retry: true,
    status: 500,
    help: "A mirror sent more than was promised; treat it as hostile until explained.",
  },
  ERR_DEPOT_SLOW: {
    actor: "operator",
    retry: true,
    status: 503,
    help: "A mirror sends more slowly than the device accepts; check its load and the network between.",
  },
  ERR_DEPOT_ABORTED: {
    actor: "device",
    retry: true,
    status: 503,
    help: "The device itself stopped the transfer (cancel, shutdown); it resumes from the bytes it has.",
  },
  ERR_DEPOT_SOURCE_URL: {
    actor: "producer",
    retry: false,
    status: 400,
    help: "Give `source` as an absolute URL.",
  },
  ERR_DEPOT_SOURCE_SCHEME: {
    actor: "producer",
    retry: false,
    status: 400,
    help: "Give `source` as an https URL.",
  },
  ERR_DEPOT_SOURCE_PORT: {
    actor: "producer",
    retry: false,
    status: 403,
    help: "Give `source` without a port; only 443 is accepted.",
  },
  ERR_DEPOT_SOURCE_USERINFO: {
    actor: "producer",
    retry: false,
    status: 403,
    help: "Take user name and password out of `source`.",
  },
  ERR_DEPOT_SOURCE_ADDRESS: {
    actor: "producer",
    retry: false,
    status: 403,
    help: "Give `source` with a host name; addresses are not accepted.",
  },
  ERR_DEPOT_SOURCE_HOST: {
    actor: "producer",
    retry: false,
    status: 403,
    help: "Use a source host that the device was enrolled with.",
  },
};

export class DepotError extends EdictError<DepotErrorCode> {
  constructor(code: DepotErrorCode, message: string, options?: { cause?: unknown }) {
    super(code, DEPOT_ERRORS[code], message, options);
  }
}
