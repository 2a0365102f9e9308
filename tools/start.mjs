// `npm start`: installs, then runs the whole use case with real parts (lab/story).
import { join } from "node:path";
import { root, runBun } from "./install.mjs";

process.exitCode = await runBun([join(root, "lab/story/main.ts"), ...process.argv.slice(2)]);
