/** docs/errors.md and the code list the same codes. */
import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { ERRORS_PAGE, errorsPage } from "../tools/errors-page.ts";

test("the page of error codes is what the code says (npm run errors writes it)", () => {
  expect(readFileSync(ERRORS_PAGE, "utf8")).toBe(errorsPage());
});
