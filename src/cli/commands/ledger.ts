/** `edict ledger`: exports the ledger and verifies it, also offline from an exported file. */
import type { Command } from "commander";
import { type LedgerHead, verifyLedger } from "../../campaign/ledger.ts";
import { fromLedgerLines } from "../../campaign/ledger-lines.ts";
import { act } from "../act.ts";
import { clientFor, readText } from "../context.ts";
import { CliError } from "../errors.ts";

export function addLedger(program: Command): void {
  const ledger = program.command("ledger").description("who did what, hash-chained");
  const show = ledger.command("export").description("print the ledger as JSON lines").option("--as <person>", "who asks", "author");
  act<{ as: string }>(show, async (context, options) => {
    process.stdout.write(await clientFor(context, options.as).ledger());
  });
  const verify = ledger
    .command("verify")
    .description("find deleted, edited, reordered and (given --head) truncated entries")
    .option("--file <file>", "an exported ledger; without it, the running server's")
    .option("--head <seq:hash>", "the newest entry, as a report or an earlier verification printed it")
    .option("--as <person>", "who asks", "author");
  act<{ as: string; file?: string; head?: string }>(verify, async (context, options) => {
    const text = options.file === undefined ? await clientFor(context, options.as).ledger() : readText(options.file);
    const check = verifyLedger(fromLedgerLines(text), options.head === undefined ? undefined : parseHead(options.head));
    if (!check.ok) throw new CliError("ERR_CLI_LEDGER", `the ledger is broken at entry ${check.seq} (${check.problem}): ${check.message}`);
    const head = check.head === undefined ? "none" : `${check.head.seq}:${check.head.hash}`;
    context.output.line(`The ledger is unbroken. Head: ${head}`);
    context.output.result({ ok: true, head });
  });
}

function parseHead(text: string): LedgerHead {
  const [, seq, hash] = /^(\d+):([0-9a-f]{64})$/.exec(text) ?? [];
  if (seq === undefined || hash === undefined) throw new CliError("ERR_CLI_USAGE", `"${text}" is no ledger head; it looks like 42:3f9a...`);
  return { seq: Number(seq), hash };
}
