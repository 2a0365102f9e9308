/** Files of devices: whatever the text, it is refused by its line, or its devices go out and come back the same. */
import type { DeviceFacts } from "../../src/fleet/device.ts";
import { FleetError } from "../../src/fleet/errors.ts";
import { type ImportFormat, readDevices } from "../../src/fleet/import/reader.ts";
import { writeDevices } from "../../src/fleet/import/writer.ts";
import { hold, type Target } from "./target.ts";

const encoder = new TextEncoder();
const decoder = new TextDecoder();
const CAMERA = { tenant: "isp.example", vendor: "famousMaker", name: "famousModel", version: "1.2.3", hardware: "r1", region: "north" };
const CAMERAS: readonly DeviceFacts[] = [
  { id: "urn:dev:ops:32473-cam-1", ...CAMERA, subscribed: true, optedOut: false },
  {
    id: "urn:dev:mac:0024befffe804ff1",
    ...CAMERA,
    region: "=a \"quoted\", 'guarded' place",
    counter: 7,
    sha256: "ab".repeat(32),
    components: [{ name: "modem", version: "11" }],
    timeZone: "Europe/Amsterdam",
    tags: ["vip", "beta"],
    subscribed: false,
    optedOut: true,
    postponedUntilMs: 1_800_000_000_000,
  },
];

export function devicesTargets(): readonly Target[] {
  return (["csv", "jsonl"] as const).map((format) => ({
    name: `devices-${format}`,
    corpus: [CAMERAS, CAMERAS.slice(1), []].map((devices) => encoder.encode([...writeDevices(devices, format)].join(""))),
    run: (bytes) => run(decoder.decode(bytes), format),
  }));
}

function run(text: string, format: ImportFormat): void {
  const devices = read(text, format);
  if (devices === undefined) return;
  const written = [...writeDevices(devices, "jsonl")].join("");
  hold(JSON.stringify([...readDevices(written, "jsonl")]) === JSON.stringify(devices), "devices come back as they went out");
}

function read(text: string, format: ImportFormat): readonly DeviceFacts[] | undefined {
  try {
    return [...readDevices(text, format)];
  } catch (error) {
    if (!(error instanceof FleetError)) throw error;
    hold(/\bline \d+: /.test(error.message), "a refusal names its line");
    return undefined;
  }
}
