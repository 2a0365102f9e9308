/**
 * A consumer as a process of its own, for tests that kill it: it takes a command a line on its standard input and prints each answer.
 * Its handler leaves one file for each command, and a line for each time that it ran.
 */
import { appendFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startConsumer } from "../../../src/channel/consumer/driver.ts";
import { SqliteCommandStore } from "../../../src/channel/consumer/sqlite/command-store.ts";

const [directory = ""] = process.argv.slice(2);
const consumer = startConsumer({
  names: ["cam-7"],
  store: new SqliteCommandStore(join(directory, "commands.sqlite")),
  authorise: () => 200,
  ratePerMinute: 1_000_000,
  handlers: [
    {
      action: "scan",
      target: "uri",
      async handle(_, { id = "" }) {
        appendFileSync(join(directory, "runs"), `${id}\n`);
        await Bun.sleep(1);
        writeFileSync(join(directory, "effects", id), "");
        return { status: 200 };
      },
    },
  ],
});
process.stdout.write("ready\n");
for await (const line of console) {
  void consumer.receive({ bytes: new TextEncoder().encode(line), serialisation: "json", dialect: "any", peer: "isp" }).then((answer) => {
    process.stdout.write(`${JSON.stringify({ id: answer.requestId, kind: answer.kind, status: answer.status })}\n`);
  });
}
