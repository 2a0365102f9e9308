/** `edict report --export`: writes a campaign's case into a folder, part by part as it comes, with a list of what was written. */
import { createHash } from "node:crypto";
import { closeSync, mkdirSync, openSync, writeFileSync, writeSync } from "node:fs";
import { join } from "node:path";
import { EXPORT_PARTS, EXPORT_SCHEMA, type ExportManifest, type ExportPart } from "../../after-action/index.ts";
import type { ApiClient } from "../../server/client.ts";

export const MANIFEST_FILE = "export.json";

export function partFile(directory: string, part: ExportPart): string {
  return join(directory, `${part}.jsonl`);
}

export async function writeExport(client: ApiClient, campaignId: string, directory: string): Promise<ExportManifest> {
  mkdirSync(directory, { recursive: true });
  // Before the first part: what is observed while the others are written is not in the report.
  const exportedMs = Date.now();
  const entries: [ExportPart, { sha256: string; bytes: number }][] = [];
  for (const part of EXPORT_PARTS) entries.push([part, await save(await client.exported(campaignId, part), partFile(directory, part))]);
  const files = Object.fromEntries(entries) as { [part in ExportPart]: { sha256: string; bytes: number } };
  const manifest: ExportManifest = { schema: EXPORT_SCHEMA, campaignId, exportedMs, files };
  writeFileSync(join(directory, MANIFEST_FILE), `${JSON.stringify(manifest, null, 2)}\n`);
  return manifest;
}

async function save(response: Response, file: string): Promise<{ sha256: string; bytes: number }> {
  const hash = createHash("sha256");
  const target = openSync(file, "w");
  let bytes = 0;
  try {
    for await (const chunk of response.body ?? []) {
      hash.update(chunk);
      for (let at = 0; at < chunk.length; ) at += writeSync(target, chunk, at);
      bytes += chunk.length;
    }
  } finally {
    closeSync(target);
  }
  return { sha256: hash.digest("hex"), bytes };
}
