/** `edict openc2 listen`: a consumer for trials that tells all it hears and says. */
import { type Command, Option } from "commander";
import { MQTT_PEERS } from "../../../channel/mqtt/index.ts";
import { PROFILES } from "../../../openc2/index.ts";
import { act } from "../../act.ts";
import { CliError } from "../../errors.ts";
import { addTlsOptions, readTls, type TlsFiles } from "../../openc2/tls-files.ts";
import { startTrial, type TrialOptions } from "../../openc2/trial-consumer.ts";

interface ListenOptions extends TlsFiles {
  readonly port: string;
  readonly host: string;
  readonly testing?: boolean;
  readonly mqtt?: string;
  readonly peer?: keyof typeof MQTT_PEERS;
  readonly name: string;
  readonly also: readonly string[];
  readonly profiles: readonly string[];
  readonly dir: string;
  readonly answerErrorsUnderNone?: boolean;
}

export function addListen(openc2: Command): void {
  const command = openc2
    .command("listen")
    .description("be a consumer that tells every message, keeps what it accepts, and only says what it would do")
    .option("--port <number>", "for HTTPS; 0 takes a free one", "8450")
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("--testing", "without TLS, for testing only (HTTPS v1.1 §4.1)")
    .option("--mqtt <url>", "take commands from this broker instead, e.g. mqtts://localhost:8883")
    .addOption(new Option("--peer <kind>", "through a broker: how its producers are known to want it").choices(Object.keys(MQTT_PEERS)))
    .option("--name <name>", "own name: `from`, one of `to`, and the device's topic", "consumer.example")
    .option("--also <names...>", "further names in `to` that mean it; its address always does", [])
    .addOption(
      new Option("--profiles <nsids...>", "what it supports; some producers cannot read of a profile that they do not have")
        .choices([...PROFILES.keys()])
        .default([...PROFILES.keys()]),
    )
    .option("--dir <dir>", "folder of the queue, kept between runs", "openc2-consumer")
    .option("--answer-errors-under-none", "tell of errors also where no answer is wanted, as later drafts have it");
  act<ListenOptions>(addTlsOptions(command), async ({ output }, options) => {
    const say = (text: string) => {
      output.line(`${new Date().toISOString()} ${text}`);
      // One JSON object a line, because a consumer runs until it is told to end.
      if (output.json) console.log(JSON.stringify({ atMs: Date.now(), text }));
    };
    const trial = await startTrial(trialOptions(options), say);
    say(`${options.name} listens at ${trial.where}; Ctrl-C ends it`);
    await new Promise<void>((resolve) => {
      process.once("SIGINT", resolve);
      process.once("SIGTERM", resolve);
    });
    await trial.stop();
  });
}

function trialOptions({
  port,
  host,
  mqtt,
  peer,
  name,
  also,
  profiles,
  dir,
  answerErrorsUnderNone = false,
  testing = false,
  ...files
}: ListenOptions): TrialOptions {
  if (!/^\d{1,5}$/.test(port) || Number(port) > 65_535) throw new CliError("ERR_CLI_USAGE", `"${port}" is no port`);
  return {
    name,
    // Producers in the field address a consumer by where they reach it (otupy).
    otherNames: mqtt === undefined ? [host, ...also] : also,
    nsids: profiles,
    directory: dir,
    answerErrorsUnderNone,
    ...(!testing && { tls: readTls(files, "consumer") }),
    transfer:
      mqtt === undefined ? { hostname: host, port: Number(port) } : { broker: mqtt, habits: peer === undefined ? {} : MQTT_PEERS[peer] },
  };
}
