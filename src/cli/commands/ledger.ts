/** `edict ledger`: exports the ledger, signs its head, and verifies it, also offline from an exported file. */
import { readFileSync } from "node:fs";
import type { Command } from "commander";
import type { LedgerHead } from "../../campaign/ledger.ts";
import { parseDirector } from "../../trust/director.ts";
import { act } from "../act.ts";
import { type Context, clientFor, readText } from "../context.ts";
import { CliError } from "../errors.ts";
import { signerOf } from "../keys/key-ring.ts";
import { checkLedger, checkpointLines, directorsOf, keptCheckpoints, signHead } from "../sign-head.ts";

interface VerifyOptions {
  readonly as: string;
  readonly file?: string;
  readonly head?: string;
  readonly checkpoints: string[];
  readonly director: string[];
}

export function addLedger(program: Command): void {
  const ledger = program.command("ledger").description("who did what, hash-chained, its head signed by people");
  addExport(ledger);
  addCheckpoint(ledger);
  addVerify(ledger);
}

function addExport(ledger: Command): void {
  const command = ledger.command("export").description("print the ledger as JSON lines").option("--as <person>", "who asks", "author");
  act<{ as: string }>(command, async (context, options) => {
    process.stdout.write(await clientFor(context, options.as).ledger());
  });
}

function addCheckpoint(ledger: Command): void {
  const command = ledger
    .command("checkpoint")
    .description("verify the ledger and sign its head; a copy of the signature stays beside the key")
    .option("--as <person>", "who signs", "approver");
  act<{ as: string }>(command, async (context, options) => {
    const seq = await signHead(context, clientFor(context, options.as), await signerOf(context, options.as));
    context.output.line(`${options.as} has signed the ledger up to line ${seq}.`);
    context.output.result({ seq, person: options.as });
  });
}

function addVerify(ledger: Command): void {
  const command = ledger
    .command("verify")
    .description("find deleted, edited and reordered entries, and an end that was cut off behind a signed head")
    .option("--file <file>", "an exported ledger; without it, the running server's")
    .option("--checkpoints <file...>", "signed heads that others kept (their keys/checkpoints.jsonl); this machine's are always used", [])
    .option("--director <file...>", "versions of the director whose people signed; those of this state directory are always used", [])
    .option("--head <seq:hash>", "the newest entry, as a report or an earlier verification printed it")
    .option("--as <person>", "who asks", "author");
  act<VerifyOptions>(command, async (context, options) => {
    const text = options.file === undefined ? await clientFor(context, options.as).ledger() : readText(options.file);
    const { head, checkpoints } = await checkAll(context, text, options);
    const headText = head === undefined ? "none" : `${head.seq}:${head.hash}`;
    context.output.line(`The ledger is unbroken and agrees with ${checkpoints} signed heads. Head: ${headText}`);
    context.output.result({ ok: true, head: headText, checkpoints });
  });
}

function checkAll(context: Context, text: string, { head, checkpoints, director }: VerifyOptions) {
  const kept = [...keptCheckpoints(context), ...checkpoints.flatMap(checkpointLines)];
  const directors = [...directorsOf(context), ...director.map((file) => parseDirector(readFileSync(file)))];
  return checkLedger(text, kept, directors, head === undefined ? [] : [parseHead(head)]);
}

function parseHead(text: string): LedgerHead {
  const [, seq, hash] = /^(\d+):([0-9a-f]{64})$/.exec(text) ?? [];
  if (seq === undefined || hash === undefined) throw new CliError("ERR_CLI_USAGE", `"${text}" is no ledger head; it looks like 42:3f9a...`);
  return { seq: Number(seq), hash };
}
