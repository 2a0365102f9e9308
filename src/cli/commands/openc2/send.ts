/** `edict openc2 send`: sends one command to a consumer over HTTPS, or through a broker to several, and shows what they answer. */
import { type Command as CommanderCommand, Option } from "commander";
import { HTTPS_PEERS } from "../../../channel/push/habits.ts";
import { PROFILES } from "../../../openc2/index.ts";
import { act } from "../../act.ts";
import { parseDurationMs } from "../../durations.ts";
import { CliError, EXIT } from "../../errors.ts";
import { linesOf, printable, summaryOf } from "../../openc2/describe.ts";
import { readBytes } from "../../openc2/input.ts";
import { type Heard, type Sending, sendOverHttps, sendThroughBroker } from "../../openc2/sending.ts";
import { addTlsOptions, readTls, type TlsFiles } from "../../openc2/tls-files.ts";
import { judge } from "../../openc2/verdict.ts";

interface SendOptions extends TlsFiles {
  readonly peer: keyof typeof HTTPS_PEERS;
  readonly name: string;
  readonly to?: string;
  readonly profile?: string;
  readonly all?: boolean;
  readonly cbor?: boolean;
  readonly wait: string;
}

export function addSend(openc2: CommanderCommand): void {
  const command = openc2
    .command("send")
    .description("send one command and show what is answered")
    .argument("<url>", "https://host:port, or mqtts://broker:port; http:// and mqtt:// for testing, without certificates")
    .argument("<file>", "the command: JSON or CBOR, any dialect; - is standard input")
    .addOption(new Option("--peer <kind>", "how the consumer wants HTTPS").choices(Object.keys(HTTPS_PEERS)).default("standard"))
    .option("--name <name>", "own name, for `from`", "producer.example")
    .option("--to <name>", "the consumer's name; through a broker, its topic")
    .addOption(new Option("--profile <nsid>", "through a broker: every consumer with this profile").choices([...PROFILES.keys()]))
    .option("--all", "through a broker: every consumer")
    .option("--cbor", "through a broker: as CBOR")
    .option("--wait <duration>", "longest wait for answers", "10s");
  act<SendOptions>(addTlsOptions(command), async ({ output }, options, url = "", file = "") => {
    const { message, faults } = judge(readBytes(file), { dialect: "any", profiles: "known", tolerate: true });
    if (message?.kind !== "request") {
      for (const line of faults.flatMap((fault) => linesOf(file, fault))) output.line(line);
      throw new CliError("ERR_CLI_FILE", `${file} is not sent: it is no valid command`);
    }
    output.line(`${summaryOf(message)} -> ${url}`);
    const say = ({ text, response }: Heard) => {
      output.line(printable(text));
      if (response?.results !== undefined) output.line(printable(JSON.stringify(response.results, null, 2)));
    };
    const sending = sendingOf(url, options, say);
    const heard = await (isBroker(url) ? sendThroughBroker(message.command, sending) : sendOverHttps(message.command, sending));
    output.result({ answers: heard });
    if (heard.some(({ status }) => status >= 400)) process.exitCode = EXIT.refused;
  });
}

function sendingOf(url: string, options: SendOptions, say: (heard: Heard) => void): Sending {
  const { peer, name, to, profile, all = false, cbor = false, wait } = options;
  const isTesting = url.startsWith("http://") || url.startsWith("mqtt://");
  return {
    url,
    ...(!isTesting && { tls: readTls(options, "producer") }),
    habits: HTTPS_PEERS[peer],
    name,
    ...(to !== undefined && { to }),
    ...(isBroker(url) && { recipients: recipientsOf(to, profile, all) }),
    serialisation: cbor ? "cbor" : "json",
    waitMs: parseDurationMs(wait),
    say,
  };
}

function isBroker(url: string): boolean {
  return /^mqtts?:/.test(url);
}

function recipientsOf(to: string | undefined, profile: string | undefined, all: boolean): NonNullable<Sending["recipients"]> {
  if (all) return { kind: "all" };
  if (profile !== undefined) return { kind: "profile", nsid: profile };
  if (to !== undefined) return { kind: "device", id: to };
  throw new CliError("ERR_CLI_USAGE", "through a broker, say to whom: --to, --profile or --all");
}
