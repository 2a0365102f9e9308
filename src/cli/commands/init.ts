/** `edict init`: makes a state directory. */
import type { Command } from "commander";
import { act } from "../act.ts";
import { initState } from "../init.ts";

interface InitCommandOptions {
  readonly tenant: string;
  readonly author: string;
  readonly approver: string;
  readonly hostname: string;
  readonly gatewayPort: string;
  readonly depotPort: string;
  readonly apiPort: string;
  readonly enrolmentPort: string;
  readonly depotGbit: string;
  readonly insecurePlainKeys?: boolean;
}

export function addInit(program: Command): void {
  const command = program
    .command("init")
    .description("make a state directory: authority, certificates, director, keys of two people, image repository")
    .option("--tenant <name>", "who holds authority over this fleet", "isp.example")
    .option("--author <person>", "the person who drafts", "author")
    .option("--approver <person>", "the person who approves", "approver")
    .option("--hostname <name>", "address that gateway, depot and API listen on", "127.0.0.1")
    .option("--gateway-port <port>", "0 takes a free one at each start", "8443")
    .option("--depot-port <port>", "0 takes a free one at each start", "8444")
    .option("--api-port <port>", "0 takes a free one at each start", "8445")
    .option("--enrolment-port <port>", "for `edict enrolment serve`", "8446")
    .option("--insecure-plain-keys", "for trials: do not ask each person for a passphrase, keep their keys in clear")
    .option("--depot-gbit <number>", "Gbit/s that the depot may send altogether", "1");
  act<InitCommandOptions>(command, async ({ paths, output, passphrases }, options) => {
    const ports = {
      gateway: Number(options.gatewayPort),
      depot: Number(options.depotPort),
      api: Number(options.apiPort),
      enrolment: Number(options.enrolmentPort),
    };
    const people = [options.author, options.approver];
    await initState({
      directory: paths.directory,
      tenant: options.tenant,
      people,
      passphraseOf: options.insecurePlainKeys === true ? "plain" : (person) => passphrases.askNew(`passphrase of ${person}`),
      hostname: options.hostname,
      ports,
      depotBitsPerSecond: Number(options.depotGbit) * 1e9,
      nowMs: Date.now(),
    });
    output.line(`Made ${paths.directory} for ${options.tenant}: ${people.join(" drafts, ")} approves.`);
    if (options.insecurePlainKeys === true)
      output.line(`The private keys under ${paths.keys} lie there in clear, which is for trying things out only.`);
    else
      output.line(
        `The private keys lie under ${paths.keys}, each under its person's passphrase. Give each person theirs (docs/operate/people.md).`,
      );
    output.line("Next: edict serve");
    output.result({ state: paths.directory, tenant: options.tenant, people });
  });
}
