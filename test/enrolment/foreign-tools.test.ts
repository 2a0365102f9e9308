/** Enrolment with tools that know nothing of us: openssl makes key and request and reads the answer, curl carries them. */
import { afterAll, expect, test } from "bun:test";
import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { EnrolmentWorld, factoryIdentity } from "./world.ts";

const missing = ["openssl", "curl"].filter((tool) => spawnSync(tool, ["version"], { stdio: "ignore" }).error !== undefined);
const REASON = missing.length > 0 ? ` (skipped: there is no ${missing.join(" and no ")} here)` : "";
let world: EnrolmentWorld | undefined;
afterAll(() => world?.stop());

test.skipIf(missing.length > 0)(`curl and openssl enrol a device, and renew its certificate${REASON}`, async () => {
  world = await EnrolmentWorld.start();
  const { directory, issuing } = world;
  await world.know("urn:dev:ops:32473-T1", "T1");
  const factory = await factoryIdentity(world.factory, "T1");
  const file = (name: string) => join(directory, name);
  writeFileSync(file("factory.pem"), `${factory.certificatePem}\n${factory.keyPem}`);
  /** Not spawnSync: the server answers from this very process. */
  const run = async (command: string): Promise<string> => {
    const child = Bun.spawn(["sh", "-c", `set -e; ${command}`], { cwd: directory, stdout: "pipe", stderr: "pipe" });
    const [out, err] = await Promise.all([new Response(child.stdout).text(), new Response(child.stderr).text()]);
    if ((await child.exited) !== 0) throw new Error(`${command}\n${out}${err}`);
    return out;
  };
  const url = `https://127.0.0.1:${issuing.port}/.well-known/est`;
  const request = "openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=device -outform DER";
  const post = `curl -sSf --cacert ca/authority.pem -H "Content-Type: application/pkcs10"`;
  const unwrap = "openssl base64 -d | openssl pkcs7 -inform DER -print_certs";

  await run(`curl -sSf --cacert ca/authority.pem ${url}/cacerts | ${unwrap} > cacerts.pem`);
  await run(`${request} -keyout device.key | openssl base64 > request.b64`);
  await run(`${post} --cert factory.pem --data-binary @request.b64 ${url}/simpleenroll | ${unwrap} > device.pem`);
  expect(await run("openssl verify -purpose sslclient -CAfile cacerts.pem device.pem")).toContain("device.pem: OK");
  expect(await run("openssl x509 -in device.pem -noout -ext subjectAltName")).toContain("URI:urn:dev:ops:32473-T1");

  await run(`${request} -keyout next.key | openssl base64 > next.b64`);
  await run(`${post} --cert device.pem --key device.key --data-binary @next.b64 ${url}/simplereenroll | ${unwrap} > next.pem`);
  expect(await run("openssl x509 -in next.pem -noout -pubkey")).toBe(await run("openssl pkey -in next.key -pubout"));
  const attributes = await run(`curl -sSf --cacert ca/authority.pem ${url}/csrattrs | openssl base64 -d | openssl asn1parse -inform DER`);
  expect(attributes).toContain(":prime256v1");
  expect(readFileSync(file("cacerts.pem"), "utf8")).toContain("isp.example devices");
});
