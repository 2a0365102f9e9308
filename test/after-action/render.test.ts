/** The renderings: the golden page for a terminal, escaping of hostile words in HTML, formulas and quotes in CSV. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import { html } from "../../src/after-action/html/markup.ts";
import { countMarks, secondMarks } from "../../src/after-action/html/scale.ts";
import { renderCsv } from "../../src/after-action/render-csv.ts";
import { renderHtml } from "../../src/after-action/render-html.ts";
import { renderTerminal } from "../../src/after-action/render-terminal.ts";
import { buildReport } from "../../src/after-action/report.ts";
import type { DeviceRow, Report } from "../../src/after-action/report-model.ts";
import { durationText, percentText } from "../../src/after-action/wording.ts";
import { sample } from "./sample.ts";

const HOSTILE = `"><script>alert(1)</script><img src=x onerror='a'>&\u001b]0;owned\u0007\u202Eexe\r\nX`;

function hostileReport(words: string): Report {
  const input = sample(8);
  const targets = [...input.targets].map((device) => ({ ...device, id: words + device.ordinal, name: words, region: words }));
  const verdicts = input.verdicts.map((verdict) => ({ ...verdict, because: words }));
  const campaign = {
    ...input.campaign,
    id: words,
    author: words,
    reason: words,
    tenant: words,
    request: { ...input.campaign.request, query: words },
  };
  return buildReport({ ...input, targets, verdicts, campaign, signers: [words] });
}

function withRows(rows: readonly Partial<DeviceRow>[]): Report {
  return {
    ...buildReport(sample(1)),
    devices: rows.map((row, ordinal) => ({ id: "d", ordinal, verdict: "failed", because: "x", ...row })),
  };
}

describe("in a terminal", () => {
  test("the page for twelve devices is this page", async () => {
    const golden = await Bun.file(new URL("terminal.golden.txt", import.meta.url)).text();
    expect(renderTerminal(buildReport(sample(12)), { columns: 80 })).toBe(golden);
  });

  test("colour changes nothing but colour", () => {
    const report = buildReport(sample(12));
    // oxlint-disable-next-line no-control-regex
    const bare = renderTerminal(report, { columns: 80, colour: true }).replace(/\u001b\[\d+m/g, "");
    expect(bare).toBe(renderTerminal(report, { columns: 80 }));
  });

  test("hostile words cannot move the cursor or turn the text", () => {
    const text = renderTerminal(hostileReport(HOSTILE), { columns: 80 });
    expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  test("at most 20 devices are named per verdict, and the rest are counted", () => {
    const report = buildReport(
      sample(40, { verdicts: Array.from({ length: 40 }, (_, ordinal) => ({ ordinal, verdict: "failed", because: "x" })) }),
    );
    const text = renderTerminal(report, { columns: 80 });
    expect(text.match(/famousModel-0000\d\d\n/g)).toHaveLength(20);
    expect(text).toContain("... and 20 more");
  });

  test("bytes in answer to none are the first thing to do", () => {
    const text = renderTerminal(buildReport(sample(1000, { upstreamBytesForNone: 17 })), { columns: 100 });
    expect(text).toMatch(/still exposed\.\n {2}> 17 bytes came up in answer/);
  });

  test("a campaign that never sent has a page too", () => {
    const input = sample(3, {
      evidence: [],
      verdicts: [0, 1, 2].map((ordinal) => ({ ordinal, verdict: "unreachable", because: "never connected" })),
    });
    expect(renderTerminal(buildReport(input), { columns: Number.NaN })).toContain("sent to     nobody");
  });
});

describe("as HTML", () => {
  test("hostile words stay words", () => {
    const page = renderHtml(hostileReport(HOSTILE));
    expect(page).not.toMatch(/<script|<img|onerror='/i);
    expect(page).toContain("&lt;script&gt;alert(1)&lt;/script&gt;");
    expect(page.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  test("whatever the words are, the page has the same tags", () => {
    const tags = (page: string) => page.match(/<[^>]*>/g)?.map((tag) => tag.replace(/^<(\/?\w+).*/s, "$1"));
    const plain = tags(renderHtml(hostileReport("x")));
    fc.assert(
      fc.property(
        fc.oneof(fc.string({ unit: "binary", minLength: 1 }), fc.constantFrom("<b>", "]]>", "<!--", "</style>", "${1}", '" x="')),
        (words) => {
          expect(tags(renderHtml(hostileReport(words)))).toEqual(plain);
        },
      ),
      { numRuns: 60 },
    );
  });

  test("it asks for nothing from anywhere and runs nothing", () => {
    const page = renderHtml(buildReport(sample(1000)));
    expect(page).not.toMatch(/<(script|link|img|iframe|object)\b|\b(src|href)=|url\(|@import/i);
    expect(page).toContain(`content="default-src 'none'; style-src 'unsafe-inline'"`);
    expect(page.match(/<svg /g)?.length).toBeGreaterThanOrEqual(4);
    expect(page.match(/<svg [^>]*role="img" aria-label="[^"]+"/g)?.length).toBe(page.match(/<svg /g)?.length);
    expect(page).not.toMatch(/NaN|Infinity|undefined/);
  });

  test("the template escapes both quotes, and markup only once", () => {
    expect(html`<p title="${`"'<&>`}">${html`<b>${"<"}</b>`}${[html`<i/>`]}${undefined}</p>`.text).toBe(
      '<p title="&quot;&#39;&lt;&amp;&gt;"><b>&lt;</b><i/></p>',
    );
  });

  test("marks on axes are round and few", () => {
    expect(secondMarks(42, 6)).toEqual([0, 10, 20, 30, 40]);
    expect(countMarks(1000, 5)).toEqual([0, 200, 400, 600, 800, 1000]);
    fc.assert(
      fc.property(fc.double({ min: 0.01, max: 1e8, noNaN: true }), (end) => {
        expect(secondMarks(end, 6).length).toBeLessThanOrEqual(8);
        expect(countMarks(end, 5).length).toBeLessThanOrEqual(7);
      }),
    );
  });
});

describe("as CSV", () => {
  test("there is a header and one line per device, each ended by CRLF", () => {
    const csv = renderCsv(buildReport(sample(1000)));
    expect(csv.split("\r\n")).toHaveLength(1002);
    expect(csv.split("\r\n")[2]).toBe(
      [
        "urn:dev:ops:32473-famousModel-000001",
        "1",
        "failed",
        "could not install: ERR_AGENT_DIGEST (said at 2026-03-01T03:00:09Z)",
        "2026-03-01T03:00:09Z",
      ].join(","),
    );
  });
  test("quotes, commas and line ends are quoted (RFC 4180)", () => {
    expect(renderCsv(withRows([{ id: 'a"b,c\r\nd' }])).split("evidence_at\r\n")[1]).toBe('"a""b,c\r\nd",0,failed,x,\r\n');
  });
  test("a field that a spreadsheet would run gets an apostrophe", () => {
    for (const words of ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\r=1", "\uFF1D1"]) {
      expect(renderCsv(withRows([{ id: words, because: words }]))).toContain(`\r\n"'${words}",0,failed,"'${words}",\r\n`);
    }
  });
});

describe("words for numbers", () => {
  test("a share is 0 % or 100 % only when it is exactly that", () => {
    expect([percentText(0, 9), percentText(9, 9), percentText(999_999, 1e6), percentText(1, 1e6), percentText(1, 0)]).toEqual([
      "0 %",
      "100 %",
      ">99.9 %",
      "<0.1 %",
      "-",
    ]);
  });
  test("durations keep two figures that matter", () => {
    expect([0, 999, 4200, 59_949, 59_950, 200_000, 18_120_000, 273_600_000, -4200].map(durationText)).toEqual([
      "0 ms",
      "999 ms",
      "4.2 s",
      "59.9 s",
      "1 min 00 s",
      "3 min 20 s",
      "5 h 02 min",
      "3 d 04 h",
      "-4.2 s",
    ]);
  });
});
