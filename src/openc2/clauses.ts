/** Which clause speaks about a place in a message, so that every refusal can name the text it stands on. Pure. */

const MEMBERS: Readonly<Record<string, string>> = {
  action: "LS 1.0 §3.3.1.1",
  target: "LS 1.0 §3.3.1.2",
  actuator: "LS 1.0 §3.3.1.3",
  args: "LS 1.0 §3.3.1.4",
  command_id: "LS 1.0 §3.4.2.16",
  status: "LS 1.0 §3.3.2.1",
  status_text: "LS 1.0 §3.3.2",
  results: "LS 1.0 §3.3.2.2",
  headers: "HTTPS v1.1 §3.3.2",
  body: "HTTPS v1.1 §3.3.2",
  signature: "HTTPS v1.1 §3.3.2",
};

const TARGETS: Readonly<Record<string, string>> = {
  artifact: "LS 1.0 §3.4.1.1",
  command: "LS 1.0 §3.4.2.16",
  device: "LS 1.0 §3.4.1.2",
  domain_name: "LS 1.0 §3.4.1.3",
  email_addr: "LS 1.0 §3.4.1.4",
  features: "LS 1.0 §3.4.1.5",
  file: "LS 1.0 §3.4.1.6",
  idn_domain_name: "LS 1.0 §3.4.1.7",
  idn_email_addr: "LS 1.0 §3.4.1.8",
  ipv4_net: "LS 1.0 §3.4.1.9",
  ipv4_connection: "LS 1.0 §3.4.1.10",
  ipv6_net: "LS 1.0 §3.4.1.11",
  ipv6_connection: "LS 1.0 §3.4.1.12",
  iri: "LS 1.0 §3.4.1.13",
  mac_addr: "LS 1.0 §3.4.1.14",
  process: "LS 1.0 §3.4.1.15",
  properties: "LS 1.0 §3.4.1.16",
  uri: "LS 1.0 §3.4.1.17",
};

/** By JSON path, from the root of a bare command or response or of an envelope. The types of our own profiles are in §3 of their documents. */
export function clauseAt(path: string): string {
  const [part = "", name = ""] = path.replace(/^\$(\.body\.openc2\.(request|response))?\.?/, "").split(/[.[]/);
  const [nsid = ""] = name.split(":");
  if (nsid.startsWith("x-")) return `${nsid} §3`;
  if (nsid === "slpf") return "SLPF 1.0 §2.1";
  if (part === "target" && Object.hasOwn(TARGETS, name)) return TARGETS[name] ?? "";
  return (Object.hasOwn(MEMBERS, part) ? MEMBERS[part] : undefined) ?? "LS 1.0 §3.3";
}
