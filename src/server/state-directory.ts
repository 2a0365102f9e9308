/**
 * The state directory: where a manager keeps everything, and nothing outside of it. `edict init` fills it (cli/init).
 * Private keys of people live under keys/ only for convenience on one machine; the server never reads that folder.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Capacity } from "../campaign/dry-run.ts";
import { type Director, parseDirector } from "../trust/director.ts";
import { type Authority, parseAuthority } from "../trust/verify/index.ts";
import { toBytes } from "./bytes.ts";
import { ServerError } from "./errors.ts";
import { UPSTREAM_EXPIRES_MS } from "./limits.ts";

const endpoint = z.strictObject({ hostname: z.string(), port: z.int().min(0).max(65_535) });

export const configSchema = z.strictObject({
  version: z.literal(1),
  tenant: z.string().min(1),
  /** Goes into `headers.from` of every command. */
  producer: z.string().min(1),
  gateway: endpoint,
  depot: endpoint,
  api: endpoint,
  /** What the depot may send altogether, bits per second: the spread of a campaign is solved from it. */
  depotBitsPerSecond: z.number().positive(),
  /** Further depots that hold the same, and what each may send, bits per second. Devices that are enrolled here begin at each in proportion. */
  mirrors: z.array(z.strictObject({ url: z.url({ protocol: /^https$/ }), bitsPerSecond: z.number().positive() })).optional(),
  /** Region -> what its access network bears for updates, bits per second. */
  accessBitsPerSecond: z.record(z.string(), z.number().positive()).optional(),
  /** When this depot turns new requests away with 503. */
  depotLimits: z.strictObject({ sendsMax: z.int().min(1).optional(), bitsPerSecondMax: z.number().positive().optional() }).optional(),
  /** Enrolment over EST, by a process of its own (`edict enrolment serve`). Absent: certificates are made by hand only. */
  enrolment: endpoint
    .extend({
      /** PEM file of the authorities of each vendor whose factory certificates are believed, relative to the state directory. */
      factories: z.array(z.strictObject({ vendor: z.string().min(1), authority: z.string() })).default([]),
      /** Life of the certificates that it issues. */
      validDays: z.int().min(1).max(825).optional(),
    })
    .optional(),
  /** The manager as an OpenC2 consumer of upstream orchestrators (server/openc2). Absent: it is none. */
  openc2: endpoint
    .extend({
      /** PEM file of the authorities that certify orchestrators, relative to the state directory. */
      authority: z.string(),
      /** By the name in its certificate; `author` answers for its commands and signs them first. */
      producers: z.array(z.strictObject({ name: z.string().min(1), author: z.string().min(1) })).min(1),
      /** How long a campaign may be sent when its command does not say. */
      expiresInMs: z.int().min(1_000).default(UPSTREAM_EXPIRES_MS),
    })
    .optional(),
});
export type Config = z.infer<typeof configSchema>;

/** What depots and access networks bear, for the dry run. */
export function capacityOf({ depotBitsPerSecond, mirrors = [], accessBitsPerSecond }: Config): Capacity {
  return { depotBitsPerSecond: mirrors.reduce((sum, { bitsPerSecond }) => sum + bitsPerSecond, depotBitsPerSecond), accessBitsPerSecond };
}

export type StatePaths = ReturnType<typeof statePaths>;

export function statePaths(directory: string) {
  const at = (...parts: string[]) => join(directory, ...parts);
  return {
    directory,
    config: at("edict.json"),
    database: at("edict.db"),
    director: at("director.json"),
    trust: at("trust.json"),
    directors: at("directors"),
    operators: at("operators.json"),
    tokens: at("operators"),
    running: at("serve.json"),
    upstreamQueue: at("openc2.db"),
    backplane: at("backplane.sock"),
    authority: at("ca", "authority.pem"),
    authorityKey: at("ca", "authority.key"),
    certificate: at("ca", "server.pem"),
    certificateKey: at("ca", "server.key"),
    keys: at("keys"),
    repositoryKeys: at("repository-keys"),
    depot: at("depot"),
    devices: at("devices"),
    reports: at("reports"),
    imports: at("imports"),
  };
}

export interface State {
  readonly paths: StatePaths;
  readonly config: Config;
  /** Whom manager and gateways were pinned to at set-up; later versions are in the log of orders. */
  readonly director: Director;
  /** What a new device is given to believe. */
  readonly authority: Authority;
  readonly tls: { readonly certPem: string; readonly keyPem: string; readonly caPem: string };
}

/** Reads a state directory. Throws ERR_SERVER_STATE naming the file that is missing or wrong. */
export function readState(directory: string): State {
  const paths = statePaths(directory);
  return {
    paths,
    config: readConfig(paths),
    director: readAs(paths.director, (text) => parseDirector(toBytes(text))),
    authority: readAs(paths.trust, (text) => parseAuthority(toBytes(text))),
    tls: {
      certPem: readAs(paths.certificate, String),
      keyPem: readAs(paths.certificateKey, String),
      caPem: readAs(paths.authority, String),
    },
  };
}

/** For parts that have no more than it. Throws ERR_SERVER_STATE. */
export function readConfig({ directory, config }: StatePaths): Config {
  if (!existsSync(config)) {
    throw new ServerError(
      "ERR_SERVER_STATE",
      `${directory} is not an Edict state directory; make one with \`edict init --state ${directory}\``,
    );
  }
  return readAs(config, (text) => configSchema.parse(JSON.parse(text)));
}

/** Every version of every director that the manager has known: whoever checks what was signed long ago needs them. */
export function readDirectors(paths: StatePaths): readonly Director[] {
  const names = existsSync(paths.directors) ? readdirSync(paths.directors).filter((name) => name.endsWith(".json")) : [];
  return names.map((name) => readAs(join(paths.directors, name), (text) => parseDirector(toBytes(text))));
}

/** Where a running server listens. The CLI finds the management API by it. */
export interface Running {
  readonly pid: number;
  readonly gateway: number;
  readonly depot: number;
  readonly api: number;
  /** Only where upstream orchestrators may send commands. */
  readonly openc2?: number;
}

export function readRunning(paths: StatePaths): Running | undefined {
  if (!existsSync(paths.running)) return undefined;
  const running = JSON.parse(readFileSync(paths.running, "utf8")) as Running;
  return isAlive(running.pid) ? running : undefined;
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch {
    return false;
  }
}

/** Throws ERR_SERVER_STATE naming the file. */
export function readAs<T>(file: string, parse: (text: string) => T): T {
  try {
    return parse(readFileSync(file, "utf8"));
  } catch (cause) {
    throw new ServerError("ERR_SERVER_STATE", `${file} cannot be used: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}
