/** What a device is: device.json and the files that it names, made at enrolment, never changed by a command. Whom it believes is in trust-file.ts. */
import { join } from "node:path";
import { z } from "zod";
import type { Disk } from "./disk.ts";
import { AgentError } from "./errors.ts";
import { HEALTH_DEFAULT_MS } from "./limits.ts";

/** Without these most devices lose their network, and with it whoever could start them again. */
const NETWORK_EXECUTABLES = ["wpa_supplicant", "NetworkManager", "systemd-networkd", "connmand", "dhcpcd", "udhcpc", "dhclient"].flatMap(
  (name) => ["/sbin", "/usr/sbin", "/usr/bin", "/lib/systemd", "/usr/lib/systemd"].map((directory) => `${directory}/${name}`),
);

const depotUrl = z.url({ protocol: /^https$/ });

export const deviceSchema = z.strictObject({
  /** urn:dev:... as in the certificate. */
  id: z.string(),
  vendor: z.string(),
  name: z.string(),
  hardware: z.string(),
  /** https://host:port */
  gateway: z.url({ protocol: /^https$/ }),
  /** Where bytes come from, by digest; with a weight, as many more devices begin there. */
  depots: z
    .array(z.union([depotUrl.transform((url) => ({ url, weight: 1 })), z.strictObject({ url: depotUrl, weight: z.number().positive() })]))
    .min(1),
  /** False: it has no memory for deltas, and takes the full image. */
  deltas: z.boolean().default(true),
  /** https://host:port of the EST server. Absent: certificates are brought by hand. */
  enrolment: z.url({ protocol: /^https$/ }).optional(),
  /** Hosts that a command may name as source. */
  sources: z.array(z.string()),
  /** When the image was built; no time before it is believed. ms since the epoch */
  timeFloorMs: z.int().min(0),
  /** Run after a trial boot; exit status 0 means healthy. */
  healthCommand: z.array(z.string()).min(1).optional(),
  healthTimeoutMs: z.int().min(1).default(HEALTH_DEFAULT_MS),
  /** Ends all processes, gives them EDICT_GRACE_MS for it, and restarts the device. Absent: the agent is all of the device, and starts anew. */
  restartCommand: z.array(z.string()).min(1).optional(),
  /** Absolute paths of executables whose processes no command stops, besides the agent, those above it and the first. */
  protectedExecutables: z.array(z.string().startsWith("/")).default([...NETWORK_EXECUTABLES]),
});
export type DeviceDocument = z.input<typeof deviceSchema>;

export const FILES = {
  device: "device.json",
  authority: "ca.pem",
  /** Certificate and private key in one file, so that they are swapped as one. */
  identity: "device.pem",
  /** The same from its factory, where there is enrolment. */
  factory: "factory.pem",
  nextKey: "next.key",
  trust: "trust.json",
  tufRoot: "root.json",
  state: "state.json",
} as const;

export interface KeyAndCertificate {
  readonly certPem: string;
  readonly keyPem: string;
}

export interface DeviceConfig extends z.output<typeof deviceSchema> {
  readonly directory: string;
  /** What the device shows: its own certificate, and before it has one its factory's. */
  readonly tls: KeyAndCertificate & { readonly caPem: string };
  readonly isEnrolled: boolean;
  readonly tufRoot: Uint8Array;
}

/** Throws ERR_AGENT_CONFIG with the file and the place. */
export async function readDeviceConfig(directory: string, disk: Disk): Promise<DeviceConfig> {
  const read = async (name: string): Promise<Uint8Array> => {
    const bytes = await disk.read(join(directory, name));
    if (bytes === undefined) throw new AgentError("ERR_AGENT_CONFIG", `${join(directory, name)} is missing`);
    return bytes;
  };
  const text = async (name: string) => new TextDecoder().decode(await read(name));
  const document = deviceSchema.safeParse(parseJson(await text(FILES.device), join(directory, FILES.device)));
  if (!document.success) {
    const [issue] = document.error.issues;
    throw new AgentError("ERR_AGENT_CONFIG", `${join(directory, FILES.device)}: ${issue?.path.join(".")}: ${issue?.message}`);
  }
  const isEnrolled = (await disk.read(join(directory, FILES.identity))) !== undefined || document.data.enrolment === undefined;
  return {
    ...document.data,
    directory,
    tls: { caPem: await text(FILES.authority), ...splitPem(await text(isEnrolled ? FILES.identity : FILES.factory)) },
    isEnrolled,
    tufRoot: await read(FILES.tufRoot),
  };
}

/** A PEM file with a certificate and a private key, in any order. */
export function splitPem(text: string): KeyAndCertificate {
  const blocks = text.match(/-----BEGIN ([A-Z ]+)-----[^-]+-----END \1-----\n?/g) ?? [];
  const isKey = (block: string) => block.includes("PRIVATE KEY");
  return { certPem: blocks.filter((block) => !isKey(block)).join(""), keyPem: blocks.find(isKey) ?? "" };
}

function parseJson(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new AgentError("ERR_AGENT_CONFIG", `${file} is not JSON`, { cause });
  }
}
