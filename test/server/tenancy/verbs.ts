/** Every verb of the management API that takes an id, with whatever else it is given. */
import type { Answer, Side } from "./world.ts";

export interface Verb {
  /** As the OpenAPI document has it. */
  readonly route: string;
  /** What of one's own it finds. */
  readonly finds: "import" | "campaign" | "request" | "device" | "serial";
  readonly ask: (side: Side, id: string) => Promise<Answer>;
  /** Of what is not there, if not 404. */
  readonly status?: number;
}

const KEY = "ab".repeat(32);
const statement = { statement: "a statement" };

const campaign = (method: string, rest: string, body?: object): Verb => ({
  route: `${method} /api/v1/campaigns/{id}${rest.replace(/\?.*/, "")}`,
  finds: "campaign",
  ask: (side, id) => side.call(method, `/campaigns/${encodeURIComponent(id)}${rest}`, body),
});

const decision = (word: string): Verb => ({
  route: "POST /api/v1/enrolment/requests/{request}/{word}",
  finds: "request",
  ask: (side, id) => side.call("POST", `/enrolment/requests/${encodeURIComponent(id)}/${word}`),
});

/** The issuing process asks for its device, which is to hear 403 (RFC 7030 §4.2.3). */
const claim = (finds: "device" | "serial", peer: (id: string) => object): Verb => ({
  route: "POST /api/v1/enrolment/claims",
  finds,
  ask: (side, id) => side.call("POST", "/enrolment/claims", { peer: peer(id), keySha256: KEY }, "issuer"),
  status: 403,
});

export const VERBS: readonly Verb[] = [
  {
    route: "GET /api/v1/devices/imports/{id}",
    finds: "import",
    ask: (side, id) => side.call("GET", `/devices/imports/${encodeURIComponent(id)}`),
  },
  {
    route: "GET /api/v1/devices/{id}",
    finds: "device",
    ask: (side, id) => side.call("GET", `/devices/${encodeURIComponent(id)}`),
  },
  campaign("GET", ""),
  campaign("GET", "/policy"),
  campaign("GET", "/load"),
  campaign("GET", "/report?format=json"),
  campaign("GET", "/report?format=html"),
  campaign("GET", "/report?format=csv"),
  campaign("GET", "/report?format=text"),
  campaign("GET", "/report?format=jsonl"),
  campaign("GET", "/report?format=follow-up"),
  campaign("GET", "/counts"),
  { ...campaign("GET", "/export/evidence"), route: "GET /api/v1/campaigns/{id}/export/{part}" },
  campaign("POST", "/verification", { within: 0.1, dryRun: true }),
  campaign("GET", "/verification"),
  campaign("POST", "/verification/asks", {}),
  campaign("POST", "/signatures", { canary: "", mass: "", query: "", permit: "" }),
  campaign("POST", "/pause", { reason: "lunch" }),
  campaign("POST", "/stop", statement),
  campaign("POST", "/resume", statement),
  campaign("POST", "/cancel", { ...statement, frame: "a frame" }),
  campaign("POST", "/queries"),
  decision("admitted"),
  decision("refused"),
  {
    route: "POST /api/v1/enrolment/expected",
    finds: "device",
    ask: (side, id) => side.call("POST", "/enrolment/expected", { devices: [{ id, vendor: "famousMaker", serial: "SN-1" }] }),
  },
  claim("device", (id) => ({ kind: "operational", id, keySha256: KEY, isExpired: false })),
  claim("serial", (serial) => ({ kind: "factory", vendor: "famousMaker", serial })),
];
