/** Addresses as the language writes them (LS 1.0 §3.4.1.9 to 14). Where it is silent, host bits and odd IPv6 are read. Pure. */
import { type Check, fail, text } from "./shape.ts";

const OCTET = String.raw`(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)`;
const IPV4 = new RegExp(`^${OCTET}(?:\\.${OCTET}){3}$`);
const HEXTET = /^[0-9a-fA-F]{1,4}$/;

/** RFC 4632: a prefix is optional; without one it is a host (§3.4.1.9). */
export const ipv4Net = net("an IPv4 address or network", isIpv4, 32);
export const ipv6Net = net("an IPv6 address or network", isIpv6, 128);
/** EUI-48 or EUI-64, colons or hyphens (§3.4.1.14). */
export const mac = text({
  pattern: /^(?:[0-9a-fA-F]{2}([:-]))(?:[0-9a-fA-F]{2}\1){4}(?:[0-9a-fA-F]{2}\1[0-9a-fA-F]{2}\1)?[0-9a-fA-F]{2}$/,
  what: "a MAC address",
});

function address(what: string, isValid: (value: string) => boolean): Check {
  return (value, path) => {
    if (typeof value !== "string") return fail("ERR_OPENC2_TYPE", path, "a string is expected");
    if (!isValid(value)) fail("ERR_OPENC2_VALUE", path, `${what} is expected`);
    return undefined;
  };
}

function net(what: string, isValid: (value: string) => boolean, bitsMax: number): Check {
  return address(what, (value) => {
    const [host = "", prefix, ...rest] = value.split("/");
    const isPrefix = prefix === undefined || (/^\d{1,3}$/.test(prefix) && Number(prefix) <= bitsMax);
    return rest.length === 0 && isPrefix && isValid(host);
  });
}

function isIpv4(value: string): boolean {
  return IPV4.test(value);
}

/** RFC 4291 §2.2: eight groups, one run of zeros may be `::`, the last 32 bits may be written as IPv4. */
function isIpv6(value: string): boolean {
  const halves = value.split("::");
  if (halves.length > 2) return false;
  const groups = halves.map((half) => (half === "" ? [] : half.split(":")));
  const all = groups.flat();
  const last = all.at(-1) ?? "";
  const endsInIpv4 = last.includes(".") && isIpv4(last);
  const hextets = endsInIpv4 ? all.slice(0, -1) : all;
  const count = hextets.length + (endsInIpv4 ? 2 : 0);
  return hextets.every((group) => HEXTET.test(group)) && (halves.length === 2 ? count <= 7 : count === 8);
}
