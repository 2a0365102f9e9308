/** The report as PDF, read back by poppler: pages, paper, and text that can be selected. */
import { describe, expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { renderPdf } from "../../src/after-action/pdf/render-pdf.ts";
import type { Report } from "../../src/after-action/report-model.ts";
import { reportOf, sample } from "./sample.ts";

const isInstalled = Bun.which("pdftotext") !== null && Bun.which("pdfinfo") !== null;
const REASON = isInstalled ? "" : " (skipped: poppler-utils is not installed)";

function read(tool: "pdftotext" | "pdfinfo", pdf: Uint8Array, ...options: readonly string[]): string {
  const directory = mkdtempSync(join(tmpdir(), "edict-pdf-"));
  const file = join(directory, "report.pdf");
  writeFileSync(file, pdf);
  const { stdout, stderr, exitCode } = Bun.spawnSync([tool, ...options, file, ...(tool === "pdftotext" ? ["-"] : [])]);
  rmSync(directory, { recursive: true });
  // Whatever it says on standard error is a fault in the file.
  expect([exitCode, stderr.toString()]).toEqual([0, ""]);
  return stdout.toString();
}

const allFailed = (count: number): Report =>
  reportOf(
    sample(count, { verdicts: Array.from({ length: count }, (_, ordinal) => ({ ordinal, verdict: "failed", because: "no room" })) }),
  );

test("the same report gives the same bytes", async () => {
  expect(await renderPdf(reportOf(sample(12)))).toEqual(await renderPdf(reportOf(sample(12))));
});

test("a report in which there is nothing is a PDF too", async () => {
  const bytes = await renderPdf(reportOf(sample(0)));
  expect(new TextDecoder().decode(bytes.subarray(0, 5))).toBe("%PDF-");
});

describe.skipIf(!isInstalled)(`read back${REASON}`, () => {
  test("it is A4, has a title and a date, and no script", async () => {
    const info = read("pdfinfo", await renderPdf(reportOf(sample(12))), "-isodates");
    expect(info).toMatch(/Title: +After-action of c-20260301-1, as of 2026-03-01T03:10:00Z/);
    expect(info).toMatch(/CreationDate: +2026-03-01T03:10:00Z/);
    expect(info).toMatch(/Page size: +595.28 x 841.89 pts \(A4\)/);
    expect(info).toMatch(/JavaScript: +no/);
  });

  test("its text can be selected: headline, every verdict, who decided, the names, and what is not promised", async () => {
    const text = read("pdftotext", await renderPdf(reportOf(sample(1000))), "-layout");
    for (const words of [
      "992 of 1,000 devices verified (99.2 %).",
      "7 devices must be taken as still exposed.",
      "urn:dev:ops:32473-famousModel-000000",
      "rolled back: ERR_AGENT_HEALTH",
      "Signed by author@isp.example and approver@isp.example",
      "from 0.5 % to 0.7 % of the devices are exposed",
      "It does not mean received.",
      "5e5e5e5e5e5e5e5e",
    ]) {
      expect(text).toContain(words);
    }
    // Broken at the edge of the page, and put together again when it is copied.
    const { command } = reportOf(sample(1000)).campaign;
    const raw = read("pdftotext", await renderPdf(reportOf(sample(1000))), "-raw");
    expect(raw.replaceAll("\n", "")).toContain(JSON.stringify(command));
    expect(text).toMatch(/unreachable +3 +0\.3 %/);
    expect(text).toMatch(/targeted +1,000/);
    expect(text).toMatch(/1 of \d+/);
  });

  test("it stays small: at most fifty are named per verdict, and the rest are counted", async () => {
    const bytes = await renderPdf(allFailed(5_000));
    expect(bytes.length).toBeLessThan(100_000);
    const text = read("pdftotext", bytes);
    expect(text.match(/famousModel-0000/g)?.length).toBe(50);
    expect(text).toContain("... and 4,950 more");
  });

  test("words from outside stay words: nothing leaves the page, and letters that the font has not are question marks", async () => {
    const input = sample(1);
    const words = `${"@".repeat(400)} \u202E\u0007\u65E5\u{1F600} (Tj) ET \\( <</JS>> café`;
    const targets = input.targets.map((device) => ({ ...device, id: words, name: words, region: words }));
    const verdicts = [{ ordinal: 0, verdict: "failed", because: words }] as const;
    const bytes = await renderPdf(reportOf({ ...input, targets, verdicts, campaign: { ...input.campaign, reason: words, tenant: words } }));
    const text = read("pdftotext", bytes, "-layout").replaceAll(/\s+/g, " ");
    expect(text).toContain("???? (Tj) ET \\( <</JS>> café");
    const right = read("pdftotext", bytes, "-bbox").match(/xMax="[\d.]+"/g) ?? [];
    expect(Math.max(...right.map((value) => Number(value.slice(6, -1))))).toBeLessThanOrEqual(595.28 - 40);
  });
});
