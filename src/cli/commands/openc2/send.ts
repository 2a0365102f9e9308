/** `edict openc2 send`: sends one command to a consumer over HTTPS, or through a broker to several, and shows what they answer. */
import { type Command as CommanderCommand, Option } from "commander";
import { type Habits, MQTT_PEERS, type Recipients } from "../../../channel/mqtt/index.ts";
import { HTTPS_PEERS } from "../../../channel/push/habits.ts";
import { type Command, PROFILES } from "../../../openc2/index.ts";
import { act } from "../../act.ts";
import { parseDurationMs } from "../../durations.ts";
import { CliError, EXIT } from "../../errors.ts";
import { linesOf, printable, summaryOf } from "../../openc2/describe.ts";
import type { Heard } from "../../openc2/heard.ts";
import { readBytes } from "../../openc2/input.ts";
import { sendOverHttps } from "../../openc2/send-over-https.ts";
import { sendThroughBroker } from "../../openc2/send-through-broker.ts";
import { addTlsOptions, readTls, type TlsFiles } from "../../openc2/tls-files.ts";
import { judge } from "../../openc2/verdict.ts";

interface SendOptions extends TlsFiles {
  readonly peer: string;
  readonly name: string;
  readonly to?: string;
  readonly profile?: string;
  readonly all?: boolean;
  readonly cbor?: boolean;
  readonly wait: string;
}

const PEER_NAMES = [...new Set([...Object.keys(HTTPS_PEERS), ...Object.keys(MQTT_PEERS)])];

export function addSend(openc2: CommanderCommand): void {
  const command = openc2
    .command("send")
    .description("send one command and show what is answered")
    .argument("<url>", "https://host:port, or mqtts://broker:port; http:// and mqtt:// for testing, without certificates")
    .argument("<file>", "the command: JSON or CBOR, any dialect; - is standard input")
    .addOption(new Option("--peer <kind>", "how the other side is known to want it").choices(PEER_NAMES).default("standard"))
    .option("--name <name>", "own name, for `from`", "producer.example")
    .option("--to <name>", "the consumer's name; through a broker, its topic")
    .addOption(new Option("--profile <nsid>", "through a broker: every consumer with this profile").choices([...PROFILES.keys()]))
    .option("--all", "through a broker: every consumer")
    .option("--cbor", "through a broker: as CBOR")
    .option("--wait <duration>", "longest wait for answers", "10s");
  act<SendOptions>(addTlsOptions(command), async ({ output }, options, url = "", file = "") => {
    const send = senderTo(url, options);
    const { message, faults } = judge(readBytes(file), { dialect: "any", profiles: "known", tolerate: true });
    if (message?.kind !== "request") {
      for (const line of faults.flatMap((fault) => linesOf(file, fault))) output.line(line);
      throw new CliError("ERR_CLI_FILE", `${file} is not sent: it is no valid command`);
    }
    output.line(`${summaryOf(message)} -> ${url}`);
    const answers: Heard[] = [];
    await send(message.command, (heard) => {
      answers.push(heard);
      output.line(printable(heard.text));
      if (heard.response?.results !== undefined) output.line(printable(JSON.stringify(heard.response.results, null, 2)));
    });
    output.result({ answers });
    if (answers.some(({ status }) => status >= 400)) process.exitCode = EXIT.refused;
  });
}

type Send = (command: Command, hear: (heard: Heard) => void) => Promise<void>;

/** Throws ERR_CLI_USAGE for options that do not go together. */
function senderTo(url: string, options: SendOptions): Send {
  const protocol = URL.canParse(url) ? new URL(url).protocol : "";
  switch (protocol) {
    case "https:":
    case "http:":
      return httpsSender(url, protocol === "https:", options);
    case "mqtts:":
    case "mqtt:":
      return brokerSender(url, protocol === "mqtts:", options);
    default:
      throw new CliError("ERR_CLI_USAGE", `"${url}" is no https:// or mqtts:// URL`);
  }
}

function httpsSender(url: string, isSecure: boolean, options: SendOptions): Send {
  const { peer, name, to, profile, all, cbor, wait } = options;
  if (profile !== undefined || all === true || cbor === true)
    throw new CliError("ERR_CLI_USAGE", "--profile, --all and --cbor go with a broker");
  const habits = entryOf(HTTPS_PEERS, peer);
  if (habits === undefined) throw new CliError("ERR_CLI_USAGE", `${peer} is not known to speak HTTPS`);
  const about = { url, habits, from: name, ...(to !== undefined && { to }), timeoutMs: parseDurationMs(wait) };
  const tls = isSecure ? { tls: readTls(options, "producer") } : {};
  return async (command, hear) => hear(await sendOverHttps(command, { ...about, ...tls }));
}

function brokerSender(url: string, isSecure: boolean, options: SendOptions): Send {
  const { peer, name, cbor = false, wait } = options;
  const habits: Habits = entryOf(MQTT_PEERS, peer) ?? {};
  const language = entryOf(HTTPS_PEERS, peer)?.language ?? habits.language ?? HTTPS_PEERS.standard.language;
  const about = { url, habits, language, from: name, recipients: recipientsOf(options), waitMs: parseDurationMs(wait) };
  const tls = isSecure ? { tls: readTls(options, "producer") } : {};
  return (command, hear) => sendThroughBroker(command, { ...about, ...tls, serialisation: cbor ? "cbor" : "json", hear });
}

function recipientsOf({ to, profile, all = false }: SendOptions): Recipients {
  if (all) return { kind: "all" };
  if (profile !== undefined) return { kind: "profile", nsid: profile };
  if (to !== undefined) return { kind: "device", id: to };
  throw new CliError("ERR_CLI_USAGE", "through a broker, say to whom: --to, --profile or --all");
}

function entryOf<T>(table: Readonly<Record<string, T>>, name: string): T | undefined {
  return Object.hasOwn(table, name) ? table[name] : undefined;
}
