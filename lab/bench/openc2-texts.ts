/** The commands that bench:openc2 reads: the smallest, which others have been measured with, and the one that Edict is for. */
import type { Dialect } from "../../src/openc2/index.ts";

export interface BenchText {
  readonly name: string;
  readonly text: string;
  readonly dialect: Dialect;
  /** Least ratios to native. */
  readonly least: { readonly parse: number; readonly roundTrip: number };
}

const UPDATE =
  '{"action":"update","target":{"x-swup:software":{"vendor":"famousMaker","name":"famousModel","old_version":"1.2.3",' +
  '"new_version":"2.3.4","source":"https://updates.famousmaker.example/ub_x64/patch.bin","size":7340032,"hashes":{"sha256":' +
  '"5C2D6DAAF85A710605678F8E7EF0B725B33303F3234197B9DC4B46196734A4F0"}}},"args":{"response_requested":"none","x-swup":' +
  '{"not_after":1771804800000,"spread":600000}},"command_id":"wc17_9674309"}';
/** With a detached signature of the LS 2.0 draft, which is as long as one of ES256 is. */
const ENVELOPE =
  '{"headers":{"created":1771718400000,"from":"manage-my-iot.isp.example"},"body":{"openc2":{"request":' +
  `${UPDATE}}},"signature":"eyJhbGciOiJFUzI1NiJ9..${"A".repeat(86)}"}`;

export const TEXTS: readonly BenchText[] = [
  {
    name: "query features []",
    text: '{"action":"query","target":{"features":[]}}',
    dialect: "D1",
    least: { parse: 0.18, roundTrip: 0.13 },
  },
  {
    name: "query features [], complete",
    text: '{"action":"query","target":{"features":[]},"args":{"response_requested":"complete"}}',
    dialect: "D1",
    least: { parse: 0.18, roundTrip: 0.13 },
  },
  {
    name: "deny ipv4_net",
    text: '{"action":"deny","target":{"ipv4_net":"198.51.100.0/24"}}',
    dialect: "D1",
    least: { parse: 0.18, roundTrip: 0.13 },
  },
  { name: "update, bare", text: UPDATE, dialect: "D1", least: { parse: 0.18, roundTrip: 0.13 } },
  { name: "update, in the envelope", text: ENVELOPE, dialect: "D2", least: { parse: 0.18, roundTrip: 0.13 } },
];
