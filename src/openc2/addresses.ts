/** Addresses as the language writes them (LS 1.0 §3.4.1.9 to 14). Where it is silent, host bits and odd IPv6 are read. Pure. */
import { parseAddress } from "./address-bytes.ts";
import { type Check, fail, text } from "./shape.ts";

const OCTET = String.raw`(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)`;
const IPV4_NET = new RegExp(String.raw`^${OCTET}(?:\.${OCTET}){3}(?:/(?:3[0-2]|[12]?\d))?$`);
const IPV6_PREFIX = /^(?:12[0-8]|1[01]\d|[1-9]?\d)$/;

/** RFC 4632: a prefix is optional; without one it is a host (§3.4.1.9). A prefix has no leading zeros. */
export const ipv4Net = text({ pattern: IPV4_NET, what: "an IPv4 address or network" });
export const ipv6Net: Check = (value, path) => {
  if (typeof value !== "string") return fail("ERR_OPENC2_TYPE", path, "a string is expected");
  const [host = "", prefix = "0", ...rest] = value.split("/");
  if (rest.length > 0 || !IPV6_PREFIX.test(prefix) || parseAddress(host, 16) === undefined)
    fail("ERR_OPENC2_VALUE", path, "an IPv6 address or network is expected");
  return undefined;
};
/** EUI-48 or EUI-64, colons or hyphens (§3.4.1.14). */
export const mac = text({
  pattern: /^(?:[0-9a-fA-F]{2}([:-]))(?:[0-9a-fA-F]{2}\1){4}(?:[0-9a-fA-F]{2}\1[0-9a-fA-F]{2}\1)?[0-9a-fA-F]{2}$/,
  what: "a MAC address",
});
