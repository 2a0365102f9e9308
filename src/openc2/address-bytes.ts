/** IP addresses between the text that JSON carries and the 4 or 16 bytes that CBOR carries. Pure. */

/** Undefined when the text is no address of this many bytes. */
export function parseAddress(text: string, length: 4 | 16): Uint8Array | undefined {
  return length === 4 ? parseIpv4(text) : parseIpv6(text);
}

/** Dotted decimal for 4 bytes; for 16 the one spelling of RFC 5952 §4. */
export function formatAddress(bytes: Uint8Array): string {
  return bytes.length === 4 ? bytes.join(".") : formatIpv6(bytes);
}

function parseIpv4(text: string): Uint8Array | undefined {
  const parts = text.split(".");
  const isAddress = parts.length === 4 && parts.every((part) => /^(?:0|[1-9]\d{0,2})$/.test(part) && Number(part) <= 255);
  return isAddress ? Uint8Array.from(parts, Number) : undefined;
}

function parseIpv6(text: string): Uint8Array | undefined {
  const [head = "", tail, ...rest] = text.split("::");
  const before = bytesOf(head);
  const after = tail === undefined ? [] : bytesOf(tail);
  if (before === undefined || after === undefined || rest.length > 0) return undefined;
  const given = before.length + after.length;
  // RFC 4291 §2.2: `::` stands for at least one group.
  if (tail === undefined ? given !== 16 : given > 14) return undefined;
  const bytes = new Uint8Array(16);
  bytes.set(before);
  bytes.set(after, 16 - after.length);
  return bytes;
}

/** Groups of four digits; the last may be an IPv4 address. */
function bytesOf(groups: string): readonly number[] | undefined {
  if (groups === "") return [];
  const parts = groups.split(":");
  const bytes = parts.map((part, index) => {
    if (/^[0-9A-Fa-f]{1,4}$/.test(part)) return [Number.parseInt(part, 16) >> 8, Number.parseInt(part, 16) & 0xff];
    return index === parts.length - 1 ? [...(parseIpv4(part) ?? [])] : [];
  });
  return bytes.some((group) => group.length === 0) ? undefined : bytes.flat();
}

/** RFC 5952 §4: lower case, no leading zeros, the first longest run of two or more zero groups as `::`; §5: mapped IPv4. */
function formatIpv6(bytes: Uint8Array): string {
  const groups = Array.from({ length: 8 }, (_, index) => ((bytes[2 * index] ?? 0) << 8) | (bytes[2 * index + 1] ?? 0));
  const isMapped = groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff;
  if (isMapped) return `::ffff:${bytes.slice(12).join(".")}`;
  const words = groups.map((group) => group.toString(16));
  const { start, length } = longestZeroRun(groups);
  if (length < 2) return words.join(":");
  return `${words.slice(0, start).join(":")}::${words.slice(start + length).join(":")}`;
}

function longestZeroRun(groups: readonly number[]): { readonly start: number; readonly length: number } {
  let best = { start: 0, length: 0 };
  for (let start = 0; start < groups.length; start += 1) {
    const end = groups.findIndex((group, index) => index >= start && group !== 0);
    const length = (end === -1 ? groups.length : end) - start;
    if (length > best.length) best = { start, length };
  }
  return best;
}
