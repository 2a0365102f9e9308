/** The vectors of the language as a program for Node: `node node-suite.js vectors/openc2`. The test runner of Bun is not there. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { vectorCases } from "./vector-cases.ts";

const [folder = ""] = process.argv.slice(2);
const total = { passed: 0, failed: 0 };
for (const { file, name, run } of vectorCases((file) => readFileSync(join(folder, file), "utf8"))) {
  try {
    run();
    total.passed += 1;
  } catch (error) {
    total.failed += 1;
    process.stderr.write(`${file}: ${name}: ${String(error)}\n`);
  }
}
process.stdout.write(`${total.passed} passed, ${total.failed} failed\n`);
process.exitCode = total.failed === 0 && total.passed > 0 ? 0 : 1;
