/** Makes a device: its certificate, its directory with the first image in slot A, and its row in the fleet. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type DeviceDocument, makeDeviceDirectory } from "../agent/index.ts";
import type { DeviceFacts } from "../fleet/device.ts";
import type { State } from "../server/state-directory.ts";
import { type Authority, type Issued, issueDevice, loadAuthority } from "../trust/sign/certificate-authority.ts";

export interface EnrollOptions {
  readonly facts: DeviceFacts;
  readonly directory: string;
  readonly image: Uint8Array;
  readonly counter: number;
  /** Hosts that a command may name as `source`. */
  readonly sources: readonly string[];
  readonly healthCommand?: readonly string[];
  readonly depots?: DeviceDocument["depots"];
  /** PEM of its factory certificate and key: it enrols with it by itself. Absent: it gets a certificate here. */
  readonly factoryPem?: string;
  readonly nowMs: number;
}

/** What all devices of one state directory share: read once, used for each. */
export interface Enrolment {
  readonly authority: Authority;
  readonly gateway: string;
  readonly depots: DeviceDocument["depots"];
  /** Where devices renew their certificates. */
  readonly server?: string;
  readonly caPem: string;
  /** What a device believes from the start. */
  readonly trust: Uint8Array;
  readonly tufRoot: Uint8Array;
}

export async function prepareEnrolment({ paths, config, tls }: State, ports: { gateway: number; depot: number }): Promise<Enrolment> {
  return {
    authority: await loadAuthority(tls.caPem, readFileSync(paths.authorityKey, "utf8")),
    gateway: `https://${config.gateway.hostname}:${ports.gateway}`,
    depots: depotsOf(config, ports.depot),
    ...(config.enrolment !== undefined &&
      config.enrolment.port !== 0 && { server: `https://${config.enrolment.hostname}:${config.enrolment.port}` }),
    caPem: tls.caPem,
    trust: readFileSync(paths.trust),
    tufRoot: readFileSync(join(paths.depot, "metadata", "1.root.json")),
  };
}

export async function enrollDevice(enrolment: Enrolment, options: EnrollOptions): Promise<void> {
  const { facts, healthCommand } = options;
  const identity =
    options.factoryPem === undefined
      ? { pem: pemOf(await issueDevice(enrolment.authority, { id: facts.id, nowMs: options.nowMs })), isFactory: false }
      : { pem: options.factoryPem, isFactory: true };
  await makeDeviceDirectory(options.directory, {
    config: {
      id: facts.id,
      vendor: facts.vendor,
      name: facts.name,
      hardware: facts.hardware,
      gateway: enrolment.gateway,
      depots: [...(options.depots ?? enrolment.depots)],
      ...(enrolment.server !== undefined && { enrolment: enrolment.server }),
      sources: [...options.sources],
      timeFloorMs: options.nowMs,
      ...(healthCommand && { healthCommand: [...healthCommand] }),
    },
    caPem: enrolment.caPem,
    identity,
    trust: enrolment.trust,
    tufRoot: enrolment.tufRoot,
    image: options.image,
    software: { version: facts.version, counter: options.counter },
  });
}

/** Weighted by what each bears, so that the spread of a campaign fits all of them at once. */
function depotsOf({ depot, depotBitsPerSecond, mirrors = [] }: State["config"], port: number): DeviceDocument["depots"] {
  const own = `https://${depot.hostname}:${port}`;
  if (mirrors.length === 0) return [own];
  return [{ url: own, bitsPerSecond: depotBitsPerSecond }, ...mirrors].map(({ url, bitsPerSecond }) => ({ url, weight: bitsPerSecond }));
}

function pemOf({ certificatePem, privateKeyPem }: Issued): string {
  return `${certificatePem}${privateKeyPem}`;
}
