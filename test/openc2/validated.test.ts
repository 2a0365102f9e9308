/** Only what was read and checked passes for a command that was: proved by the type checker, which runs over this file too. */
import { expect, test } from "bun:test";
import { type Command, parseCommand, type Validated } from "../../src/openc2/index.ts";

const obey = (command: Validated<Command>) => command.action;
const written: Command = { action: "deny", target: { ipv4_net: "192.0.2.1" } };

test("a command that was read is validated; one that was written, changed or cast from JSON is not", () => {
  const read = parseCommand(new TextEncoder().encode(JSON.stringify(written)));
  expect(obey(read)).toBe("deny");
  // @ts-expect-error written by hand
  obey(written);
  // @ts-expect-error a copy of a validated command with something changed
  obey({ ...read, action: "allow" });
  // @ts-expect-error the mark cannot be made by hand
  obey({ ...written, mark: true });
});
