/** Addresses as the language writes them (LS 1.0 §3.4.1.9 to 14). Where it is silent, host bits and odd IPv6 are read. Pure. */
import { parseAddress } from "./address-bytes.ts";
import { type Check, fail, text } from "./shape.ts";

const OCTET = String.raw`(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)`;
const IPV4 = new RegExp(`^${OCTET}(?:\\.${OCTET}){3}$`);
const PREFIX = /^(?:0|[1-9]\d{0,2})$/;

/** RFC 4632: a prefix is optional; without one it is a host (§3.4.1.9). */
export const ipv4Net = net("an IPv4 address or network", (host) => IPV4.test(host), 32);
export const ipv6Net = net("an IPv6 address or network", (host) => parseAddress(host, 16) !== undefined, 128);
/** EUI-48 or EUI-64, colons or hyphens (§3.4.1.14). */
export const mac = text({
  pattern: /^(?:[0-9a-fA-F]{2}([:-]))(?:[0-9a-fA-F]{2}\1){4}(?:[0-9a-fA-F]{2}\1[0-9a-fA-F]{2}\1)?[0-9a-fA-F]{2}$/,
  what: "a MAC address",
});

/** One form per network: a prefix has no leading zeros. */
function net(what: string, isHost: (host: string) => boolean, bitsMax: number): Check {
  return (value, path) => {
    if (typeof value !== "string") return fail("ERR_OPENC2_TYPE", path, "a string is expected");
    const slash = value.indexOf("/");
    const prefix = slash < 0 ? "0" : value.slice(slash + 1);
    if (!PREFIX.test(prefix) || Number(prefix) > bitsMax || !isHost(slash < 0 ? value : value.slice(0, slash)))
      fail("ERR_OPENC2_VALUE", path, `${what} is expected`);
    return undefined;
  };
}
