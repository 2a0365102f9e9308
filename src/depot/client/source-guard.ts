/**
 * Checks a command's `source`. The device never fetches from it: `source` identifies the origin of a release, and the
 * bytes come by digest from the depots that the device was pinned to. So a hostile URL cannot make a device connect
 * anywhere; it is refused all the same, because a command that names a strange origin was not made in good faith, and
 * because an installer's log or a later reader may follow it.
 */
import { DepotError } from "../errors.ts";

/**
 * `allowedHosts` are the hosts that the device was enrolled with; both sides are compared as a URL writes them (lower
 * case, IDNA). Pure. Throws ERR_DEPOT_SOURCE_URL, _SCHEME, _USERINFO, _PORT, _ADDRESS, _HOST.
 */
export function checkSource(source: string, allowedHosts: readonly string[]): void {
  const url = URL.parse(source);
  if (url === null) throw new DepotError("ERR_DEPOT_SOURCE_URL", "source is not an absolute URL");
  if (url.protocol !== "https:") throw new DepotError("ERR_DEPOT_SOURCE_SCHEME", `source has the scheme ${url.protocol}, not https:`);
  if (url.username !== "" || url.password !== "")
    throw new DepotError("ERR_DEPOT_SOURCE_USERINFO", "source carries a user name or password");
  // The URL parser leaves a scheme's own port out, so any port still here is another one.
  if (url.port !== "") throw new DepotError("ERR_DEPOT_SOURCE_PORT", `source names port ${url.port}, not 443`);
  // It also writes every form of IPv4 (hexadecimal, octal, one number) as four decimals, and IPv6 in brackets.
  const isAddress = url.hostname.startsWith("[") || /^\d+\.\d+\.\d+\.\d+$/.test(url.hostname);
  if (isAddress) throw new DepotError("ERR_DEPOT_SOURCE_ADDRESS", `source names the address ${url.hostname}, not a host`);
  if (!allowedHosts.some((host) => canonical(host) === url.hostname)) {
    throw new DepotError("ERR_DEPOT_SOURCE_HOST", `source names the host ${url.hostname}, which this device does not know`);
  }
}

function canonical(host: string): string | undefined {
  return URL.parse(`https://${host}/`)?.hostname;
}
