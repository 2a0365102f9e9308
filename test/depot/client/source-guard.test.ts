/** Abuse case 9: a command's `source` that was not made in good faith. */
import { expect, test } from "bun:test";
import { checkSource } from "../../../src/depot/client/index.ts";
import { DepotError } from "../../../src/depot/errors.ts";

const ALLOWED = ["updates.famousmaker.example", "Bücher.example"];

test.each([
  "https://updates.famousmaker.example/ub_x64/patch",
  "https://UPDATES.FamousMaker.EXAMPLE/patch",
  "https://updates.famousmaker.example:443/patch",
  "https://xn--bcher-kva.example/patch",
  "https://bücher.example/patch",
])("%s is a known origin", (source) => {
  expect(() => checkSource(source, ALLOWED)).not.toThrow();
});

test.each([
  ["not a url", "ERR_DEPOT_SOURCE_URL"],
  ["/patch", "ERR_DEPOT_SOURCE_URL"],
  ["http://updates.famousmaker.example/patch", "ERR_DEPOT_SOURCE_SCHEME"],
  ["file:///etc/passwd", "ERR_DEPOT_SOURCE_SCHEME"],
  ["https://updates.famousmaker.example:8443/", "ERR_DEPOT_SOURCE_PORT"],
  ["https://updates.famousmaker.example:80/", "ERR_DEPOT_SOURCE_PORT"],
  ["https://user@updates.famousmaker.example/", "ERR_DEPOT_SOURCE_USERINFO"],
  ["https://updates.famousmaker.example:443@evil.example/", "ERR_DEPOT_SOURCE_USERINFO"],
  ["https://127.0.0.1/", "ERR_DEPOT_SOURCE_ADDRESS"],
  ["https://2130706433/", "ERR_DEPOT_SOURCE_ADDRESS"],
  ["https://0x7f.1/", "ERR_DEPOT_SOURCE_ADDRESS"],
  ["https://169.254.169.254/latest/meta-data", "ERR_DEPOT_SOURCE_ADDRESS"],
  ["https://[::1]/", "ERR_DEPOT_SOURCE_ADDRESS"],
  ["https://[::ffff:10.0.0.1]/", "ERR_DEPOT_SOURCE_ADDRESS"],
  ["https://localhost/", "ERR_DEPOT_SOURCE_HOST"],
  ["https://evil.example/updates.famousmaker.example", "ERR_DEPOT_SOURCE_HOST"],
  ["https://updates.famousmaker.example.evil.example/", "ERR_DEPOT_SOURCE_HOST"],
  ["https://famousmaker.example/", "ERR_DEPOT_SOURCE_HOST"],
  ["https://updates.famousmaker.example./", "ERR_DEPOT_SOURCE_HOST"],
])("%s is refused with %s", (source, code) => {
  expect(() => checkSource(source, ALLOWED)).toThrow(expect.objectContaining({ code }));
});

test("a device without allowed hosts, or with one that is no host, accepts no origin", () => {
  for (const hosts of [[], [""], ["*"]]) expect(() => checkSource("https://evil.example/", hosts)).toThrow(DepotError);
});

test("an address stays refused when somebody has put it on the list", () => {
  expect(() => checkSource("https://10.0.0.1/", ["10.0.0.1"])).toThrow(expect.objectContaining({ code: "ERR_DEPOT_SOURCE_ADDRESS" }));
});
