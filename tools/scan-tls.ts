/**
 * `npm run scan:tls`: a real gateway, looked at by sslscan (Debian: sslscan), which somebody else wrote. Prints the report.
 * Fails when anything but TLS 1.3 is spoken.
 */
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { program } from "../lab/program.ts";
import { startGateway } from "../src/channel/gateway/index.ts";
import { createAuthority, issueServer } from "../src/trust/sign/certificate-authority.ts";
import { generateSigner, makeDirector } from "../src/trust/sign/index.ts";

const REPORT = join(import.meta.dir, "../docs/security/tls-scan.md");
/** Says so when an old version is on, or a cipher that is none of TLS 1.3's three. */
const WEAK = /(SSLv2|SSLv3|TLSv1\.0|TLSv1\.1|TLSv1\.2)\s+enabled|(Accepted|Preferred)\s+TLSv1\.[0-2]/;

const { write } = program("scan:tls", "A real gateway, looked at by sslscan.")
  .option("--write", "keep the report in docs/security/tls-scan.md", false)
  .parse()
  .opts<{ write: boolean }>();
if (Bun.which("sslscan") === null) throw new Error("sslscan is not installed (Debian: apt-get install sslscan)");
const nowMs = Date.now();
const authority = await createAuthority("scanned authority", { nowMs });
const server = await issueServer(authority, { names: ["localhost", "127.0.0.1"], nowMs });
const signer = await generateSigner("author@isp");
const silent = () => {};
const gateway = await startGateway({
  name: "scanned",
  hostname: "127.0.0.1",
  port: 0,
  tls: { certPem: server.certificatePem, keyPem: server.privateKeyPem, caPem: authority.certificatePem },
  director: makeDirector({ name: "isp", version: 1, signers: [signer, await generateSigner("approver@isp")] }),
  backplane: {
    admit: () => Promise.resolve({ ok: false, reason: "ERR_CHANNEL_UNKNOWN_DEVICE" }),
    ordersAfter: () => Promise.resolve([]),
    report: () => Promise.resolve(),
    subscribe: () => silent,
  },
  clock: { nowMs: Date.now },
  log: { debug: silent, info: silent, warn: silent, error: console.error },
});
const scan = Bun.spawn(["sslscan", "--no-colour", `localhost:${gateway.port}`], { stdout: "pipe" });
const said = (await new Response(scan.stdout).text()).replaceAll(String(gateway.port), "PORT").trim();
await gateway.stop({ delayMs: 0 });

console.log(said);
if (write) {
  const date = new Date(nowMs).toISOString().slice(0, 10);
  writeFileSync(
    REPORT,
    `# The gateway's TLS as sslscan sees it\n\nMade by \`npm run scan:tls -- --write\` on ${date}.\n\n\`\`\`\n${said}\n\`\`\`\n`,
  );
}
if (WEAK.test(said) || !/TLSv1\.3\s+enabled/.test(said)) throw new Error("the gateway speaks what it should not, or not what it should");
