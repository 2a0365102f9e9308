/** The reader of certificates, against the runtime's own and against chance. */
import { expect, test } from "bun:test";
import { X509Certificate } from "node:crypto";
import * as fc from "fast-check";
import { isAuthority, readCertificate } from "../../src/channel/gateway/certificate-der.ts";
import { createAuthority, issueDevice } from "../../src/trust/sign/certificate-authority.ts";
import { deviceId } from "./manager.ts";

const authority = await createAuthority("test authority", { nowMs: Date.now() });
const device = new X509Certificate((await issueDevice(authority, { id: deviceId(1), nowMs: Date.now() })).certificatePem);

test("it reads what the runtime reads, and what that does not show", () => {
  const { version, serial, extensions } = readCertificate(device.raw);
  expect([version, Buffer.from(serial).toString("hex").toUpperCase()]).toEqual([3, device.serialNumber]);
  expect(extensions.map(({ id }) => id)).toContain("551d11");
  const own = readCertificate(new X509Certificate(authority.certificatePem).raw);
  expect(own.extensions.filter(({ id, value }) => id === "551d13" && isAuthority(value)).length).toBe(1);
});

test("no bytes make it throw anything but RangeError, or loop", () => {
  const flipped = fc.tuple(fc.nat({ max: device.raw.length - 1 }), fc.nat({ max: 255 }));
  fc.assert(
    fc.property(fc.array(flipped, { maxLength: 5 }), fc.nat({ max: device.raw.length }), (flips, length) => {
      const der = new Uint8Array(device.raw.subarray(0, length));
      for (const [at, byte] of flips) if (at < length) der[at] = byte;
      try {
        readCertificate(der);
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError);
      }
    }),
    { numRuns: 2_000 },
  );
});
