/** The HTML report in a browser that somebody else wrote: printed, with words in it that would like to be a script. */
import { expect, test } from "bun:test";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { renderHtml } from "../../src/after-action/render-html.ts";
import { reportOf, sample } from "./sample.ts";

const browser = ["chromium", "chromium-browser", "google-chrome"].find((name) => Bun.which(name) !== null);
const canRead = browser !== undefined && Bun.which("pdftotext") !== null;
const REASON = canRead ? "" : " (skipped: chromium or poppler-utils is not installed)";
const PATIENCE_MS = 60_000;

test.skipIf(!canRead)(
  `on paper it says what it says on the screen, and runs nothing${REASON}`,
  async () => {
    const directory = mkdtempSync(join(tmpdir(), "edict-printed-"));
    const [page, pdf] = [join(directory, "report.html"), join(directory, "report.pdf")];
    const script = `</pre><script>document.body.textContent = "taken"</script><img src=x onerror="document.body.textContent = 'taken'">`;
    const input = sample(1_000);
    writeFileSync(page, renderHtml(reportOf({ ...input, campaign: { ...input.campaign, reason: script, tenant: script } })));
    try {
      const flags = [
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        `--user-data-dir=${join(directory, "profile")}`,
        "--no-pdf-header-footer",
      ];
      const chromium = Bun.spawn([browser ?? "", ...flags, `--print-to-pdf=${pdf}`, `file://${page}`], {
        stdout: "ignore",
        stderr: "ignore",
        timeout: PATIENCE_MS,
      });
      expect([await chromium.exited, chromium.signalCode]).toEqual([0, null]);
      const text = Bun.spawnSync(["pdftotext", pdf, "-"]).stdout.toString();
      for (const words of ["992 of 1,000 devices verified", "unreachable", "Devices that are not verified", "What is not promised"])
        expect(text).toContain(words);
      expect(text.replaceAll(/\s+/g, " ")).toContain("<script>document.body.textContent");
      expect(text).not.toMatch(/^taken/);
    } finally {
      rmSync(directory, { recursive: true, force: true });
    }
  },
  2 * PATIENCE_MS,
);
