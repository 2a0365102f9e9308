/** The renderings: the golden page for a terminal, escaping of hostile words in HTML, formulas and quotes in CSV. */
import { describe, expect, test } from "bun:test";
import * as fc from "fast-check";
import type { CampaignState } from "../../src/campaign/campaign.ts";
import { html } from "../../src/after-action/html/markup.ts";
import { countMarks, secondMarks } from "../../src/after-action/html/scale.ts";
import { CSV_HEADER, csvLine } from "../../src/after-action/render-csv.ts";
import { renderHtml } from "../../src/after-action/render-html.ts";
import { renderTerminal } from "../../src/after-action/render-terminal.ts";
import type { DeviceRow, Report } from "../../src/after-action/report-model.ts";
import { durationText, percentText } from "../../src/after-action/wording.ts";
import { reportOf, rowsAndReport, sample } from "./sample.ts";
import { CONTEXT, OURS, sent, T0 } from "./world.ts";

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
  return reportOf({ ...input, targets, verdicts, campaign: { ...campaign, signedBy: [words] } });
}

function csvOf(row: Partial<DeviceRow>): string {
  return csvLine({ id: "d", ordinal: 0, verdict: "failed", because: "x", newest: {}, ...row }, T0);
}

describe("in a terminal", () => {
  test("the page for twelve devices is this page", async () => {
    const golden = await Bun.file(new URL("terminal.golden.txt", import.meta.url)).text();
    expect(renderTerminal(reportOf(sample(12)), { columns: 80 })).toBe(golden);
  });

  test("of a campaign that sends nothing more, nobody is told to wait for devices that return", () => {
    const input = sample(4, { verdicts: [0, 1, 2, 3].map((ordinal) => ({ ordinal, verdict: "unreachable" as const, because: "x" })) });
    const pageOf = (state: CampaignState) =>
      renderTerminal(reportOf({ ...input, campaign: { ...input.campaign, state } }), { columns: 80 }).replaceAll(/\s+/g, " ");
    const [waits, isSilent] = [
      "the others get the command when they return",
      "the others are sent nothing, for the campaign is held or over",
    ];
    for (const state of ["canary", "soaking", "sending", "done"] as const) {
      expect(pageOf(state)).toContain(waits);
      expect(pageOf(state)).not.toContain(isSilent);
    }
    for (const state of ["paused", "halted", "stopped", "cancelled", "expired"] as const) {
      expect(pageOf(state)).toContain(isSilent);
      expect(pageOf(state)).not.toContain(waits);
    }
  });

  test("whoever was never sent to is not asked: it is said that they were not commanded, and what becomes of them", () => {
    const unknown = [0, 1, 2, 3].map((ordinal) => ({ ordinal, verdict: "unknown" as const, because: "x" }));
    const pageOf = (state: CampaignState, sentTo: readonly number[]) => {
      const evidence = sentTo.map((ordinal) => sent(1, OURS, ordinal));
      const input = sample(4, { verdicts: unknown, evidence });
      return renderTerminal(reportOf({ ...input, campaign: { ...input.campaign, state } }), { columns: 80 }).replaceAll(/\s+/g, " ");
    };
    const ask = "sk with a query";
    for (const state of ["halted", "cancelled", "sending"] as const) {
      expect(pageOf(state, [0, 1, 2, 3])).toContain("4 devices unknown: Ask with a query; look at those that contradict themselves.");
      expect(pageOf(state, [])).not.toContain(ask);
      expect(pageOf(state, [1])).toContain(". Ask the others with a query;");
    }
    expect(pageOf("sending", [])).toContain("4 devices unknown: They were not commanded yet.");
    expect(pageOf("halted", [1])).toContain(
      "4 devices unknown: 3 of them were not commanded, and are not while it is held: two people resume it, or `edict report ID --follow-up`",
    );
    for (const state of ["cancelled", "expired"] as const)
      expect(pageOf(state, [])).toContain(
        "They were not commanded, and are not any more: `edict report ID --follow-up` writes the next campaign.",
      );
  });

  test("colour changes nothing but colour", () => {
    const report = reportOf(sample(12));
    // oxlint-disable-next-line no-control-regex
    const bare = renderTerminal(report, { columns: 80, colour: true }).replace(/\u001b\[\d+m/g, "");
    expect(bare).toBe(renderTerminal(report, { columns: 80 }));
  });

  test("hostile words cannot move the cursor or turn the text", () => {
    const text = renderTerminal(hostileReport(HOSTILE), { columns: 80 });
    expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  });

  test("at most 20 devices are named per verdict, and the rest are counted", () => {
    const report = reportOf(
      sample(40, { verdicts: Array.from({ length: 40 }, (_, ordinal) => ({ ordinal, verdict: "failed", because: "x" })) }),
    );
    const text = renderTerminal(report, { columns: 80 });
    expect(text.match(/famousModel-0000\d\d\n/g)).toHaveLength(20);
    expect(text).toContain("... and 20 more");
  });

  test("bytes in answer to none are the first thing to do", () => {
    const unasked = { kind: "unasked", ordinal: 9, atMs: T0 + 5, commandId: OURS, bytes: 17 } as const;
    const input = sample(1000);
    const text = renderTerminal(reportOf({ ...input, evidence: [...input.evidence, unasked] }), { columns: 100 });
    expect(text).toMatch(/still exposed\.\n {2}> 17 bytes came up in answer/);
  });

  test("a campaign that never sent has a page too", () => {
    const input = sample(3, {
      evidence: [],
      verdicts: [0, 1, 2].map((ordinal) => ({ ordinal, verdict: "unreachable", because: "never connected" })),
    });
    expect(renderTerminal(reportOf(input), { columns: Number.NaN })).toContain("sent to     nobody");
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
    const page = renderHtml(reportOf(sample(1000)));
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
  test("there is a line per device, ended by CRLF, with the age of each kind of evidence", () => {
    const { rows } = rowsAndReport(sample(12));
    const lines = rows.map((row) => csvLine(row, CONTEXT.nowMs));
    expect(CSV_HEADER).toBe(
      "id,ordinal,verdict,because,said,evidence_at,evidence_age_s,check_in_age_s,response_age_s,query_answer_age_s,download_age_s,channel_age_s\r\n",
    );
    expect(lines).toHaveLength(12);
    expect(lines[1]).toBe(
      `${[
        "urn:dev:ops:32473-famousModel-000001",
        "1",
        "failed",
        "could not install: ERR_AGENT_DIGEST (said at 2026-03-01T03:00:09Z)",
        "over the channel",
        "2026-03-01T03:00:09Z",
        "591,591,,,595,660",
      ].join(",")}\r\n`,
    );
  });
  test("quotes, commas and line ends are quoted (RFC 4180)", () => {
    expect(csvOf({ id: 'a"b,c\r\nd' })).toBe('"a""b,c\r\nd",0,failed,x,,,,,,,,\r\n');
  });
  test("a field that a spreadsheet would run gets an apostrophe", () => {
    for (const words of ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", " =1", "\r=1", "\uFF1D1"]) {
      expect(csvOf({ id: words, because: words })).toStartWith(`"'${words}",0,failed,"'${words}",`);
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
