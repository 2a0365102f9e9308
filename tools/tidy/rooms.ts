/** The import table of ARCHITECTURE.md as data: which room may import which, and which rooms are pure. */

/** A room -> path prefixes under src that it may import, besides itself. */
export const MAY_IMPORT: Readonly<Record<string, readonly string[]>> = {
  openc2: [],
  trust: ["openc2"],
  fleet: ["openc2", "trust/verify", "trust/*"],
  campaign: ["openc2", "trust/verify", "trust/*", "fleet"],
  channel: ["openc2", "trust/verify", "trust/*"],
  depot: ["openc2", "trust/verify", "trust/*", "channel/gateway/peer-identity.ts"],
  agent: ["openc2", "trust/verify", "trust/*", "channel/wire", "depot/client"],
  enrolment: [
    "openc2",
    "trust/verify",
    "trust/*",
    "trust/sign/certificate-authority.ts",
    "fleet",
    "channel/gateway/peer-identity.ts",
    "channel/gateway/token-bucket.ts",
  ],
  "after-action": ["openc2", "trust/verify", "trust/*", "fleet", "campaign"],
  server: ["openc2", "trust/verify", "trust/*", "fleet", "campaign", "channel", "depot", "after-action", "enrolment/desk", "enrolment/*"],
  cli: ["openc2", "trust", "server", "channel", "depot", "agent", "after-action", "campaign", "fleet", "enrolment"],
};

/** Path prefixes under src that are pure: they also run in browsers and in a simulator under a virtual clock. */
export const PURE = [
  "openc2/",
  "trust/",
  "campaign/plan",
  "campaign/wave-order",
  "campaign/halt-",
  "campaign/sequential-test",
  "after-action/",
  "channel/wire/",
  "channel/push/http-",
  "channel/push/chunked-body",
  "channel/push/outcome",
  "server/openc2/order",
  "server/openc2/campaign-state",
];

/** What pure code may not say. */
export const IMPURE: readonly (readonly [RegExp, string])[] = [
  [/from "(node:|bun)/, "imports a runtime's module"],
  [/\bBun\./, "uses the Bun API"],
  [/\bBuffer\b/, "uses Buffer"],
  [/\bprocess\./, "uses process"],
  [/(?<![.\w])fetch\(/, "uses fetch"],
  [/\bset(Timeout|Interval|Immediate)\(/, "uses timers"],
  [/\bDate\.now\(|new Date\(\)/, "reads the wall clock"],
  [/\bMath\.random\(/, "uses Math.random"],
];

/** A technology may be imported only inside a folder that bears its name. */
export const TECHNOLOGIES: readonly (readonly [RegExp, string])[] = [
  [/^bun:sqlite$/, "sqlite"],
  [/^@nats-io\//, "nats"],
  [/^mqtt$/, "mqtt"],
  [/^cborg$/, "cbor"],
  [/^prom-client$/, "prometheus"],
  [/^@cantoo\/pdf-lib$/, "pdf"],
];

/** Leftovers, and words that belong to somebody's machine rather than to the product. */
export const LEFTOVERS: readonly (readonly [RegExp, string])[] = [
  [/\b(TODO|FIXME|XXX|HACK)\b/, "has a leftover note"],
  [/\b(test|describe|it)\.only\(/, "runs one test only"],
  [/\bas any\b|: any\b(?! )|<any>/, "uses any"],
  [/\bas unknown as\b/, "forces a type"],
  [/@ts-(ignore|nocheck)/, "silences the type checker"],
  [/["'`](\/work\/|\/root\/|\/home\/)/, "names a machine's path"],
];
