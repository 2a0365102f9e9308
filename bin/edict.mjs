#!/usr/bin/env node
// The `edict` command: installs on first use, then hands over to Bun.
import { join } from "node:path";
import { root, runBun } from "../tools/install.mjs";

process.exitCode = await runBun([join(root, "src/cli/main.ts"), ...process.argv.slice(2)]);
