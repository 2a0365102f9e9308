/** A process that imports what it is given and says each time it asks how far it is. It is made to be killed. */
import { openDesk } from "./desk.ts";

const [directory = "", name = "", file = ""] = process.argv.slice(2);
const { desk, store } = openDesk(directory, name);
const { id } = await desk.receive(Bun.file(file).stream(), "jsonl", "author");
for (;;) {
  await new Promise((resolve) => setImmediate(resolve));
  const { state, position } = store.import(id) ?? {};
  process.stdout.write(`${JSON.stringify({ state, lines: state === "keeping" ? position?.lines : 0 })}\n`);
}
