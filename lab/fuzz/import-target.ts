/** The import of 2018 text: whatever the text, it is refused with its place or becomes a command of which every change is said. */
import { import2018 } from "../../src/openc2/import-2018/index.ts";
import { validateCommand } from "../../src/openc2/index.ts";
import { attempt, hold, type Target } from "./target.ts";

const decoder = new TextDecoder();

export function importTarget(corpus: readonly Uint8Array[]): Target {
  const run = (bytes: Uint8Array) => {
    const text = decoder.decode(bytes);
    const imported = attempt(() => import2018(text));
    if (imported === undefined) return;
    const { command, changes } = imported;
    hold(
      changes.every(({ line, column, why }) => line >= 1 && column >= 1 && why !== ""),
      "every change has its place and its reason",
    );
    // A valid command of today goes through unchanged; what is imported may still lack what only the release knows.
    const again = import2018(JSON.stringify(command));
    hold(again.changes.length === 0 && JSON.stringify(again.command) === JSON.stringify(command), "an import imports itself unchanged");
    attempt(() => validateCommand(command));
  };
  return { name: "import-2018", corpus, run };
}
