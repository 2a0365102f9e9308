/** `edict openc2 keys`: an authority and certificates for a trial of mutual TLS, in plain PEM files that any tool reads. */
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import { createAuthority, type Issued, issueClient, issueServer } from "../../../trust/sign/certificate-authority.ts";
import { act } from "../../act.ts";
import { CliError } from "../../errors.ts";
import { makeJwks } from "../../openc2/jwk-files.ts";

interface KeysOptions {
  readonly host: readonly string[];
  readonly producer: string;
}

export function addKeys(openc2: Command): void {
  const command = openc2
    .command("keys")
    .description("make an authority and certificates for a consumer and a producer, for a trial")
    .argument("<dir>", "where to write ca.pem, consumer.pem, producer.pem, their -key.pem, producer.jwk and producers.jwks")
    .option("--host <name...>", "names and addresses of the consumer", ["localhost", "127.0.0.1"])
    .option("--producer <name>", "identity of the producer", "producer.example");
  act<KeysOptions>(command, async ({ output }, { host, producer }, directory = "") => {
    if (existsSync(join(directory, "ca.pem")))
      throw new CliError("ERR_CLI_USAGE", `${directory} has keys already; they are not overwritten`);
    mkdirSync(directory, { recursive: true, mode: 0o700 });
    const nowMs = Date.now();
    const authority = await createAuthority("OpenC2 trial", { nowMs });
    write(directory, "ca", authority);
    write(directory, "consumer", await issueServer(authority, { names: host, isClientToo: true, nowMs }));
    write(directory, "producer", await issueClient(authority, { name: producer, nowMs }));
    await makeJwks(directory, producer);
    output.line(`Made ${directory}: an authority (ca.pem), a consumer at ${host.join(", ")}, and the producer ${producer}.`);
    output.line(`Next: edict openc2 listen --keys ${directory}`);
    output.result({ directory, hosts: host, producer });
  });
}

function write(directory: string, name: string, { certificatePem, privateKeyPem }: Issued): void {
  writeFileSync(join(directory, `${name}.pem`), certificatePem);
  writeFileSync(join(directory, `${name}-key.pem`), privateKeyPem, { mode: 0o600 });
}
