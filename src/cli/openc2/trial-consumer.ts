/** The consumer of `edict openc2 listen`: the real runtime, its queue in a folder, and one of the transfers, put together. */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { type RunningConsumer, startConsumer } from "../../channel/consumer/driver.ts";
import { SqliteCommandStore } from "../../channel/consumer/sqlite/command-store.ts";
import { type Habits, makeClientId, MqttConsumer } from "../../channel/mqtt/index.ts";
import { HttpsConsumer } from "../../channel/push/https-consumer.ts";
import type { ConsumerPort } from "../../openc2/consumer/index.ts";
import { EdictError } from "../../openc2/index.ts";
import { CliError } from "../errors.ts";
import { lineLog } from "./line-log.ts";
import type { TlsPems } from "./tls-files.ts";
import { toldConsumer } from "./told-consumer.ts";
import { TrialDevice } from "./trial-device.ts";

export interface TrialOptions {
  /** In `from`, `to`, and the device's topic. */
  readonly name: string;
  /** Further names in `to` that mean it. */
  readonly otherNames: readonly string[];
  /** NSIDs of what it supports. */
  readonly nsids: readonly string[];
  /** Folder of the queue, kept between runs. */
  readonly directory: string;
  readonly answerErrorsUnderNone: boolean;
  /** Absent: without TLS, for testing. */
  readonly tls?: TlsPems;
  readonly transfer: { readonly hostname: string; readonly port: number } | { readonly broker: string; readonly habits: Habits };
}

export interface Trial {
  readonly where: string;
  stop(): Promise<void>;
}

/** Throws ERR_CLI_LISTEN when the port or the folder is somebody else's. */
export async function startTrial(options: TrialOptions, say: (text: string) => void): Promise<Trial> {
  try {
    mkdirSync(options.directory, { recursive: true });
    const store = new SqliteCommandStore(join(options.directory, "queue.sqlite"));
    const consumer = startRuntime(options, store, say);
    const transfer = await startTransfer(options, toldConsumer(consumer, say), say);
    const stop = async () => {
      await transfer.stop();
      consumer.stop();
      store.close();
    };
    return { where: transfer.where, stop };
  } catch (cause) {
    if (cause instanceof EdictError) throw cause;
    throw new CliError("ERR_CLI_LISTEN", `cannot listen: ${cause instanceof Error ? cause.message : String(cause)}`, { cause });
  }
}

function startRuntime(options: TrialOptions, store: SqliteCommandStore, say: (text: string) => void): RunningConsumer {
  const { handlers } = new TrialDevice(join(options.directory, "device.json"), say);
  return startConsumer({
    names: [options.name, ...options.otherNames],
    handlers: handlers.filter(({ profile }) => profile === undefined || options.nsids.includes(profile.nsid)),
    store,
    // Whoever the transfer let in may do everything: nothing is really done.
    authorise: () => 200,
    errorsUnderNone: options.answerErrorsUnderNone ? "answered" : "silent",
  });
}

async function startTransfer(options: TrialOptions, consumer: ConsumerPort, say: (text: string) => void): Promise<Trial> {
  const { name, nsids, directory, tls, transfer } = options;
  const around = { consumer, clock: { nowMs: Date.now }, random: Math.random, log: lineLog(say) };
  if ("broker" in transfer) {
    const identity = { url: transfer.broker, clientId: clientIdIn(directory), deviceId: name, nsids, habits: transfer.habits };
    const behind = new MqttConsumer({ ...identity, ...(tls && { tls }), ...around });
    await behind.start();
    return { where: `${transfer.broker} (oc2/cmd/all, oc2/cmd/ap/*, oc2/cmd/device/${name})`, stop: () => behind.stop() };
  }
  const https = new HttpsConsumer({ ...transfer, ...(tls === undefined ? { testing: true } : { tls }), cbor: true, ...around });
  const where = `${tls === undefined ? "http" : "https"}://${transfer.hostname}:${https.port}/.well-known/openc2`;
  return { where, stop: () => https.stop() };
}

/** The broker knows the session of the last run by it. */
function clientIdIn(directory: string): string {
  const file = join(directory, "client-id");
  if (!existsSync(file)) writeFileSync(file, makeClientId());
  return readFileSync(file, "utf8");
}
