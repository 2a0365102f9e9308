/** Devices in small variety, for tests that compare many. */
import * as fc from "fast-check";
import type { DeviceFacts } from "../../src/fleet/device.ts";

export const T0 = 1_800_000_000_000;
export const SAID = { source: "import", who: "author", atMs: T0 } as const;

export function deviceOf(change: Partial<DeviceFacts> = {}): DeviceFacts {
  return {
    id: "urn:dev:ops:32473-cam-1",
    tenant: "isp.example",
    vendor: "famousMaker",
    name: "famousModel",
    version: "1.2.3",
    hardware: "r1",
    region: "north",
    subscribed: true,
    optedOut: false,
    ...change,
  };
}

export function camera(index: number, change: Partial<DeviceFacts> = {}): DeviceFacts {
  return deviceOf({ id: `urn:dev:ops:32473-cam-${index}`, ...change });
}

const versions = ["1.2.3", "1.10.0", "2.3.4", "9"];
/** The order of publication is not the order of the text. */
export const COUNTERS = { "9": 1, "1.2.3": 2, "1.10.0": 3, "2.3.4": 4 };

/** Few values of each fact, so that queries meet many devices and many sets. */
export const anyFacts: fc.Arbitrary<Omit<DeviceFacts, "id">> = fc.record(
  {
    tenant: fc.constantFrom("isp.example", "other.example"),
    vendor: fc.constantFrom("famousMaker", "otherMaker"),
    name: fc.constantFrom("famousModel", "famousModelPro"),
    version: fc.constantFrom(...versions),
    counter: fc.integer({ min: 0, max: 5 }),
    components: fc.uniqueArray(fc.record({ name: fc.constantFrom("modem", "openssl", "?[x]"), version: fc.constantFrom("1", "2") }), {
      selector: ({ name }) => name,
      maxLength: 2,
    }),
    hardware: fc.constantFrom("r1", "r2"),
    region: fc.constantFrom("north", "south"),
    timeZone: fc.constantFrom("Europe/Amsterdam", "America/Lima"),
    tags: fc.uniqueArray(fc.constantFrom("vip", "beta", "lab"), { maxLength: 3 }),
    subscribed: fc.boolean(),
    optedOut: fc.boolean(),
    postponedUntilMs: fc.integer({ min: T0 - 2, max: T0 + 2 }),
  },
  { requiredKeys: ["tenant", "vendor", "name", "version", "hardware", "region", "subscribed", "optedOut"] },
);

const texts: Readonly<Record<string, readonly string[]>> = {
  vendor: ["famousMaker", "other*", "*"],
  name: ["famousModel", "famousModel*", "*Pro"],
  version: [...versions, "1.*", "*.*.*"],
  hardware: ["r1", "r?"],
  region: ["north", "s*h", "nowhere"],
  timeZone: ["Europe/*", "America/Lima", "*"],
  tag: ["vip", "b*", "*"],
  tags: ["lab"],
  component: ["openssl/1", "modem/*", "?[x]/*"],
  id: ["urn:dev:ops:32473-cam-1", "*-cam-1*", "*[0-9]"],
};

const text = fc.constantFrom(...Object.keys(texts)).chain((field) => {
  const values = fc.uniqueArray(fc.constantFrom(...(texts[field] ?? [])), { minLength: 1, maxLength: 3 });
  const quoted = (value: string) => `"${value}"`;
  return fc.tuple(fc.constantFrom("==", "!=", "=in=", "=out="), values).map(([operator, list]) => {
    const isList = operator === "=in=" || operator === "=out=";
    return `${field}${operator}${isList ? `(${list.map(quoted).join()})` : quoted(list[0] ?? "")}`;
  });
});
const order = fc
  .tuple(fc.constantFrom("version", "counter"), fc.constantFrom("=lt=", "=le=", "=gt=", "=ge=", "<", ">="), fc.nat(3))
  .map(([field, operator, index]) => `${field}${operator}${field === "version" ? versions[index] : index}`);
const number = fc.tuple(fc.constantFrom("==", "!="), fc.nat(5)).map(([operator, value]) => `counter${operator}${value}`);
const flag = fc
  .tuple(fc.constantFrom("subscribed", "optedOut"), fc.constantFrom("==", "!="), fc.boolean())
  .map(([field, operator, value]) => `${field}${operator}${value}`);

/** The text of any cohort query, of any depth. */
export const anyQuery: fc.Arbitrary<string> = fc.letrec<{ query: string; node: string }>((tie) => ({
  node: fc.tuple(tie("query"), fc.constantFrom(";", ","), tie("query")).map(([left, operator, right]) => `(${left}${operator}${right})`),
  query: fc.oneof({ maxDepth: 3, withCrossShrink: true }, text, order, number, flag, tie("node")),
})).query;
