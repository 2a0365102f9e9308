/**
 * As much of DER (X.690) as certificates, certificate requests and certs-only messages need here: elements with a tag and a
 * body, in and out. For code that a device carries, or that runs at each handshake; whoever needs more takes a library. Pure.
 */
export interface Element {
  readonly tag: number;
  /** The element as it stands, tag and length included. */
  readonly der: Uint8Array;
  readonly body: Uint8Array;
}

export const TAG = {
  boolean: 0x01,
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  objectIdentifier: 0x06,
  utf8String: 0x0c,
  uri: 0x86,
  sequence: 0x30,
  set: 0x31,
  /** [0] and [3], constructed. */
  context0: 0xa0,
  context3: 0xa3,
} as const;

/** BER's length "until its end", which DER has not (X.690 §10.1). */
const INDEFINITE = 0x80;

/** The elements that stand one after the other in `der`. Throws RangeError. */
export function elementsOf(der: Uint8Array): readonly Element[] {
  const elements: Element[] = [];
  for (let at = 0; at < der.length; ) {
    const short = der[at + 1] ?? 0;
    if (short === INDEFINITE) throw new RangeError("an indefinite length");
    const lengthBytes = short < 0x80 ? 0 : short & 0x7f;
    if (lengthBytes > 3) throw new RangeError("a length of more than three bytes");
    let length = short < 0x80 ? short : 0;
    for (let index = 0; index < lengthBytes; index += 1) length = length * 256 + (der[at + 2 + index] ?? 0);
    const start = at + 2 + lengthBytes;
    const end = start + length;
    if (end > der.length) throw new RangeError("an element is longer than what it stands in");
    elements.push({ tag: der[at] ?? 0, der: der.subarray(at, end), body: der.subarray(start, end) });
    at = end;
  }
  return elements;
}

/** Throws RangeError. */
export function bodyOf(element: Element | undefined, tag: number): Uint8Array {
  if (element?.tag !== tag) throw new RangeError(`the tag ${element?.tag} stands where ${tag} belongs`);
  return element.body;
}

export function element(tag: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  const lengthBytes = length < 0x80 ? [length] : length < 0x100 ? [0x81, length] : [0x82, length >> 8, length & 0xff];
  if (length > 0xffff) throw new RangeError("an element of more than 65,535 bytes");
  const der = new Uint8Array(1 + lengthBytes.length + length);
  der.set([tag, ...lengthBytes]);
  let at = 1 + lengthBytes.length;
  for (const part of parts) {
    der.set(part, at);
    at += part.length;
  }
  return der;
}
