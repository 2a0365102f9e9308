/** `edict trust show`: the authority map and its directors in force. */
import type { Command } from "commander";
import { readState } from "../../../server/state-directory.ts";
import { act } from "../../act.ts";
import { describe, titleOf, type TrustDocument } from "../../trust/describe.ts";

export function addShow(trust: Command): void {
  const command = trust.command("show").description("who may command, who says so, and until when");
  act(command, ({ paths, output }) => {
    const { map, directors } = readState(paths.directory).authority;
    const documents: readonly TrustDocument[] = [
      { kind: "map", document: map },
      ...directors.map((document) => ({ kind: "director", document }) as const),
    ];
    for (const document of documents) {
      const title = titleOf(document);
      output.line(`${title.charAt(0).toUpperCase()}${title.slice(1)}`);
      for (const line of describe(document)) output.line(line);
    }
    output.result({
      map: { version: map.version, owner: map.owner, expiresMs: map.expiresMs },
      directors: directors.map(({ name, version, expiresMs }) => ({ name, version, expiresMs })),
    });
  });
}
