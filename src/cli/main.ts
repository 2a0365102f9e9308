#!/usr/bin/env bun
/** The `edict` command: a composition root. Each verb lives in commands/; this file only puts them together. */
import { Command } from "commander";
import manifest from "../../package.json" with { type: "json" };
import { addAgent } from "./commands/agent.ts";
import { addCampaign } from "./commands/campaign/index.ts";
import { addApprove } from "./commands/approve.ts";
import { addDeny } from "./commands/deny.ts";
import { addDevices } from "./commands/devices.ts";
import { addEnroll } from "./commands/enroll.ts";
import { addEnrolment } from "./commands/enrolment.ts";
import { addGateway, addGatewayWorker } from "./commands/gateway.ts";
import { addHolds } from "./commands/holds.ts";
import { addImport } from "./commands/import.ts";
import { addInit } from "./commands/init.ts";
import { addKeys } from "./commands/keys.ts";
import { addLedger } from "./commands/ledger.ts";
import { addOpenC2 } from "./commands/openc2/index.ts";
import { addRelease } from "./commands/release/index.ts";
import { addReport } from "./commands/report.ts";
import { addSend } from "./commands/send.ts";
import { addServe } from "./commands/serve.ts";
import { addStatus } from "./commands/status.ts";
import { addTrust } from "./commands/trust/index.ts";
import { addVerify } from "./commands/verify.ts";
import { EXIT } from "./errors.ts";

const program = new Command("edict")
  .description("Order very many connected things to update their software, and find out afterwards what really happened.")
  .version(manifest.version, "-V", "print the version of edict")
  .option("--state <dir>", "state directory (default: $EDICT_STATE, else .edict)")
  .option(
    "--passphrase-file <file>",
    "for scripts: passphrases and PINs, one a line in the order in which they are asked; /dev/stdin is a pipe",
  )
  .option("--json", "print exactly one JSON document on standard output")
  .showHelpAfterError()
  .exitOverride((error) => process.exit(error.exitCode === 0 ? EXIT.ok : EXIT.usage));

const verbs = [
  addInit,
  addServe,
  addGateway,
  addGatewayWorker,
  addEnroll,
  addEnrolment,
  addAgent,
  addDevices,
  addRelease,
  addImport,
  addSend,
  addApprove,
  addStatus,
  addCampaign,
  addHolds,
  addDeny,
  addReport,
  addVerify,
  addLedger,
  addKeys,
  addTrust,
  addOpenC2,
];
for (const add of verbs) add(program);

await program.parseAsync();
