/** The 18 targets of LS 1.0 (§3.4.1) and what each must look like. Pure. */
import { ipv4Net, ipv6Net, mac } from "./addresses.ts";
import { PROCESS_DEPTH_MAX, URI_CHARACTERS_MAX } from "./limits.ts";
import { type Check, choice, closedMap, fail, integer, listOf, oneOf, text } from "./shape.ts";

/** `^\S{0,36}$` (§3.3.1): a command id. */
export const commandId = text({ pattern: /^\S{0,36}$/u, what: "a command id of at most 36 characters without spaces" });

const uri = text({ pattern: /^[A-Za-z][A-Za-z0-9+.-]*:[^\s<>"{}|\\^`]*$/, what: "a URI (RFC 3986)", most: URI_CHARACTERS_MAX });
const iri = text({ pattern: /^[\p{L}][\p{L}\p{N}+.-]*:[^\s<>"{}|\\^`]*$/u, what: "an IRI (RFC 3987)", most: URI_CHARACTERS_MAX });
const hostname = text({
  pattern:
    /^(?=.{1,253}\.?$)(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)(?:\.[A-Za-z0-9_](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9_])?)*\.?$/,
  what: "a domain name (RFC 1034)",
});
const idnHostname = text({
  // A label holds neither kind of dot: were they told apart in two ways, 30 labels would hold the thread for a minute.
  pattern: /^(?=.{1,253}$)[^\s.。/@]+(?:[.。][^\s.。/@]+)*[.。]?$/u,
  what: "an internationalised domain name (RFC 5890)",
});
const email = text({ pattern: /^[\x21-\x3f\x41-\x7e]+@[A-Za-z0-9.-]+$/, what: "an e-mail address (RFC 5322)" });
const idnEmail = text({ pattern: /^[^\s@]+@[^\s@]+$/u, what: "an internationalised e-mail address (RFC 6531)" });

/** Base16 of exactly this many bits. Both cases are read, though §3.1.5 wants upper: all public vectors are lower. */
export function hexOf(bits: number): Check {
  return text({ pattern: new RegExp(`^[0-9a-fA-F]{${bits / 4}}$`), what: `${bits / 4} hexadecimal digits` });
}

/** §3.4.2.5: these three and no others. */
export const hashes = closedMap({ md5: hexOf(128), sha1: hexOf(160), sha256: hexOf(256) });

const file = closedMap({ name: text(), path: text(), hashes });
const payload = choice({ bin: text({ pattern: /^[A-Za-z0-9_-]*={0,2}$/, what: "base64url" }), url: uri });
const device = closedMap({ hostname, idn_hostname: idnHostname, device_id: text() });

export const FEATURES = ["versions", "profiles", "pairs", "rate_limit"] as const;

function connection(address: Check): Check {
  const port = integer({ least: 0, most: 65_535 });
  const protocol = oneOf(["icmp", "tcp", "udp", "sctp"]);
  return closedMap({ src_addr: address, src_port: port, dst_addr: address, dst_port: port, protocol });
}

/** A process has a parent, which is a process (§3.4.1.15): the depth is capped. */
function processOf(depth: number): Check {
  const parent: Check =
    depth < PROCESS_DEPTH_MAX
      ? (value, path, faults) => processOf(depth + 1)(value, path, faults)
      : (_, path) => fail("ERR_OPENC2_VALUE", path, `more than ${PROCESS_DEPTH_MAX} processes`);
  return closedMap({ pid: integer({ least: 0 }), name: text(), cwd: text(), executable: file, parent, command_line: text() });
}

export const artifact = closedMap({ mime_type: text(), payload, hashes });

/** A Map, because a target may be named like something that every object inherits. */
export const TARGETS: ReadonlyMap<string, Check> = new Map(
  Object.entries({
    artifact,
    command: commandId,
    device,
    domain_name: hostname,
    email_addr: email,
    // A duplicate feature is the producer's error; a consumer should tolerate it (§3.4.1.5).
    features: listOf(oneOf(FEATURES), { most: 10 }),
    file,
    idn_domain_name: idnHostname,
    idn_email_addr: idnEmail,
    ipv4_net: ipv4Net,
    ipv6_net: ipv6Net,
    ipv4_connection: connection(ipv4Net),
    ipv6_connection: connection(ipv6Net),
    iri,
    mac_addr: mac,
    process: processOf(1),
    properties: listOf(text(), { least: 1, unique: true }),
    uri,
  }),
);
