/** Everything that is fuzzed. Readers of other bytes (MQTT, DER) name their targets here. */
import { fuzzCbor } from "./cbor-target.ts";
import { cborCorpus, jsonCorpus, oldCorpus } from "./corpus.ts";
import { devicesTargets } from "./devices-target.ts";
import { importTarget } from "./import-target.ts";
import { jsonTarget, readWithBug } from "./json-target.ts";
import { messageTargets } from "./message-target.ts";
import type { Target } from "./target.ts";
import { channelTargets } from "./websocket-target.ts";

export function targets(): readonly Target[] {
  const json = jsonCorpus();
  return [
    jsonTarget(json),
    ...messageTargets(json),
    importTarget(oldCorpus()),
    ...devicesTargets(),
    { name: "cbor", corpus: cborCorpus(), run: fuzzCbor },
    ...channelTargets(),
  ];
}

/** A deliberate bug that the fuzzer must find, or it would find no other either. */
export function canary(): Target {
  return { ...jsonTarget(jsonCorpus(), readWithBug), name: "canary" };
}
