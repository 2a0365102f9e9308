/**
 * What a device would do with a campaign's messages, found out before the real keys sign: throw-away keys sign them, and the device's
 * own code (agent/commands.ts) obeys or refuses them, on a device of that vendor and model that exists in memory only. The file that a
 * device cannot take is found here, not on 8.5 million of them.
 */
import { obey } from "../agent/commands.ts";
import type { DeviceConfig } from "../agent/config.ts";
import { Disk } from "../agent/disk.ts";
import { encodeState, type Job, StateFile } from "../agent/state.ts";
import { TrustFile } from "../agent/trust-file.ts";
import { SOFTWARE_TARGET, type Software } from "../openc2/index.ts";
import { ANY, parseAuthorityMap } from "../trust/authority-map.ts";
import { TimeFloor } from "../trust/time-floor.ts";
import { addSignature, draftMap, generateSigner, makeDirector, type Signer, sign } from "../trust/sign/index.ts";
import { encodeAuthority, makeAuthority } from "../trust/verify/index.ts";
import type { CampaignView } from "../server/api/views.ts";
import { formatDuration } from "./durations.ts";

type Name = keyof CampaignView["messages"];

export interface Trial {
  readonly name: Name;
  /** The device's code, when it refuses. */
  readonly refused?: string;
  /** For a person. */
  readonly text: string;
}

const STATE_PATH = "state.json";
const TRUST_PATH = "trust.json";
/** What the device had before, when the command does not say. */
const BEFORE = "before";

/** Each message to a device of its own: what one has seen, it does not do twice. */
export async function tryOnDevice({ messages, command: { target } }: CampaignView, nowMs: number): Promise<readonly Trial[]> {
  const software = (target as { readonly [SOFTWARE_TARGET]?: Software })[SOFTWARE_TARGET] ?? {};
  const people = [await generateSigner("author"), await generateSigner("approver")] as const;
  const trust = pinned(people);
  const trials = Object.entries(messages).map(async ([name, payload]) => {
    const bytes = new Uint8Array(Buffer.from(payload, "base64url"));
    const frame = await addSignature(await sign(bytes, "command", people[0]), "command", people[1], bytes);
    return hear(name as Name, new TextEncoder().encode(frame), { software, trust, nowMs });
  });
  return Promise.all(trials);
}

async function hear(
  name: Name,
  frame: Uint8Array,
  { software, trust, nowMs }: { readonly software: Software; readonly trust: Uint8Array; readonly nowMs: number },
): Promise<Trial> {
  const disk = new MemoryDisk();
  await disk.replace(TRUST_PATH, trust);
  const state = { version: 1, boot: 1, active: "a", seen: [], floors: {}, timeFloorMs: 0 } as const;
  await disk.replace(STATE_PATH, encodeState(state));
  const [states, trustFile] = [new StateFile(disk, STATE_PATH), new TrustFile(disk, TRUST_PATH)];
  await states.load();
  await trustFile.load();
  const config = configOf(software);
  const { vendor, hardware } = config;
  const manifest = { vendor, name: config.name, version: software.old_version ?? BEFORE, counter: 0, hardware, sha256: "", size: 0 };
  let begun: Begun | undefined;
  let refused: string | undefined;
  const answer = await obey(frame, {
    config,
    states,
    trust: trustFile,
    time: new TimeFloor({ nowMs: () => nowMs }, 0),
    running: { slot: "a", manifest },
    processes: { ownPid: 1, list: async () => [], detail: async () => undefined, end: () => {} },
    housekeeper: {
      isRestarting: false,
      begin: (job) => {
        begun = { ...job, what: job.action };
      },
      callOff: () => false,
      lastCommand: () => undefined,
    },
    uptimeMs: () => 0,
    onJob: (job) => {
      begun = { ...job, what: job.newVersion };
    },
    jobState: () => "queued",
    onCancel: () => false,
    onRefused: (code) => {
      refused = code;
    },
  });
  if (refused !== undefined) return { name, refused, text: `a device refuses it: ${refused}` };
  return { name, text: textOf(begun, answer?.response.status, nowMs) };
}

/** A job that the device would carry out; a version that it would go to, or `stop`. */
interface Begun extends Pick<Job, "startAtMs" | "requestId"> {
  readonly what: string;
}

function textOf(begun: Begun | undefined, status: number | undefined, nowMs: number): string {
  const heard = status === undefined ? "answers nothing" : `answers ${status}`;
  if (begun === undefined) return `a device ${heard} and does nothing`;
  const later = begun.requestId === undefined ? `${heard}, now or later` : "answers when it has ended";
  return `a device begins ${begun.what} after ${formatDuration(begun.startAtMs - nowMs)} and ${later}`;
}

/** Any device that the command is for. It knows the host that is named, so that everything else about `source` is judged. */
function configOf({ vendor = "", name = "", hardware = [], source = "" }: Software): DeviceConfig {
  const [revision = "r1"] = hardware;
  return {
    id: "urn:dev:ops:32473-trial",
    vendor,
    name,
    hardware: revision,
    gateway: "https://localhost",
    depots: [{ url: "https://localhost", weight: 1 }],
    deltas: true,
    sources: [URL.parse(source)?.hostname ?? ""],
    timeFloorMs: 0,
    healthTimeoutMs: 1,
    protectedExecutables: [],
    isEnrolled: true,
    directory: "",
    tls: { caPem: "", certPem: "", keyPem: "" },
    tufRoot: new Uint8Array(),
  };
}

function pinned(signers: readonly Signer[]): Uint8Array {
  const director = makeDirector({ name: "trial", version: 1, signers });
  const scopes = [{ vendor: ANY, model: ANY, verbs: ["update", "stop process", "query"] }];
  const expiresMs = director.expiresMs;
  return encodeAuthority(
    makeAuthority(
      parseAuthorityMap(draftMap({ owner: "trial", version: 1, expiresMs, root: signers, appointments: [{ director, scopes }] })),
    ),
  );
}

class MemoryDisk extends Disk {
  readonly #files = new Map<string, Uint8Array>();

  override async read(path: string): Promise<Uint8Array | undefined> {
    return this.#files.get(path);
  }

  override async replace(path: string, bytes: Uint8Array): Promise<void> {
    this.#files.set(path, bytes);
  }
}
