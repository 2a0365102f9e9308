/** `edict openc2 listen`: a consumer for trials that tells all it hears and says, with the real runtime, queue and transfers. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Command } from "commander";
import pino from "pino";
import { startConsumer } from "../../../channel/consumer/driver.ts";
import { SqliteCommandStore } from "../../../channel/consumer/sqlite/command-store.ts";
import { makeClientId, MqttConsumer } from "../../../channel/mqtt/index.ts";
import { HttpsConsumer } from "../../../channel/push/https-consumer.ts";
import type { ConsumerPort } from "../../../openc2/consumer/index.ts";
import { PROFILES } from "../../../openc2/index.ts";
import { act } from "../../act.ts";
import { CliError } from "../../errors.ts";
import { addTlsOptions, readTls, type TlsFiles } from "../../openc2/tls-files.ts";
import { toldConsumer } from "../../openc2/told-consumer.ts";
import { TrialDevice } from "../../openc2/trial-device.ts";

interface ListenOptions extends TlsFiles {
  readonly port: string;
  readonly host: string;
  readonly testing?: boolean;
  readonly mqtt?: string;
  readonly name: string;
  readonly dir: string;
  readonly answerErrorsUnderNone?: boolean;
}

interface Listener {
  readonly where: string;
  stop(): Promise<void>;
}

export function addListen(openc2: Command): void {
  const command = openc2
    .command("listen")
    .description("be a consumer that tells every message, keeps what it accepts, and only says what it would do")
    .option("--port <number>", "for HTTPS; 0 takes a free one", "8450")
    .option("--host <address>", "address to listen on", "127.0.0.1")
    .option("--testing", "plain HTTP, for testing only (HTTPS v1.1 §4.1)")
    .option("--mqtt <url>", "take commands from this broker instead, e.g. mqtts://localhost:8883")
    .option("--name <name>", "own name: `from`, one of `to`, and the device's topic", "consumer.example")
    .option("--dir <dir>", "folder of the queue, kept between runs", "openc2-consumer")
    .option("--answer-errors-under-none", "tell of errors also where no answer is wanted, as later drafts have it");
  act<ListenOptions>(addTlsOptions(command), async ({ output }, options) => {
    const say = (text: string) => {
      output.line(`${new Date().toISOString()} ${text}`);
      // One JSON object a line, because a consumer runs until it is told to end.
      if (output.json) console.log(JSON.stringify({ atMs: Date.now(), text }));
    };
    mkdirSync(options.dir, { recursive: true });
    const store = new SqliteCommandStore(join(options.dir, "queue.sqlite"));
    const device = new TrialDevice(join(options.dir, "device.json"), say);
    const running = startConsumer({
      names: [options.name],
      handlers: device.handlers,
      store,
      // Whoever the transfer let in may do everything: nothing is really done.
      authorise: () => 200,
      errorsUnderNone: options.answerErrorsUnderNone === true ? "answered" : "silent",
    });
    const listener = await (options.mqtt === undefined ? listenHttps : listenMqtt)(toldConsumer(running, say), options);
    say(`${options.name} listens at ${listener.where}; Ctrl-C ends it`);
    await new Promise<void>((resolve) => {
      process.once("SIGINT", resolve);
      process.once("SIGTERM", resolve);
    });
    await listener.stop();
    running.stop();
    store.close();
  });
}

async function listenHttps(consumer: ConsumerPort, options: ListenOptions): Promise<Listener> {
  const { host: hostname, port, testing = false } = options;
  const tls = testing ? { testing } : { tls: readTls(options, "consumer") };
  const https = new HttpsConsumer({ hostname, port: Number(port), ...tls, consumer, cbor: true, ...surroundings() });
  const where = `${testing ? "http" : "https"}://${hostname}:${https.port}/.well-known/openc2`;
  return { where, stop: () => https.stop() };
}

async function listenMqtt(consumer: ConsumerPort, { mqtt: url = "", name, dir, ...files }: ListenOptions): Promise<Listener> {
  if (files.testing === true && !url.startsWith("mqtt://")) throw new CliError("ERR_CLI_USAGE", "--testing goes with mqtt://, without TLS");
  const tls = files.testing === true ? {} : { tls: readTls(files, "consumer") };
  const nsids = [...PROFILES.keys()];
  const broker = new MqttConsumer({ url, clientId: clientIdIn(dir), deviceId: name, nsids, ...tls, consumer, ...surroundings() });
  await broker.start();
  return { where: `${url} (oc2/cmd/all, oc2/cmd/ap/*, oc2/cmd/device/${name})`, stop: () => broker.stop() };
}

function surroundings() {
  const log = pino({ level: "warn" }, pino.destination({ dest: 2, sync: true }));
  return { clock: { nowMs: Date.now }, random: Math.random, log };
}

/** The broker knows the session of the last run by it. */
function clientIdIn(directory: string): string {
  const file = join(directory, "client-id");
  if (!existsSync(file)) writeFileSync(file, makeClientId());
  return readFileSync(file, "utf8");
}
