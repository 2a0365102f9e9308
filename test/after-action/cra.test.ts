/** The reports of Article 14 of the Cyber Resilience Act: which of their contents are filled in, and which are left to a person, marked. */
import { describe, expect, test } from "bun:test";
import { renderCra } from "../../src/after-action/cra/render-cra.ts";
import { reportOf, sample } from "./sample.ts";

const text = renderCra(reportOf(sample(1000)));
const [preface = "", early = "", notification = "", final = "", users = ""] = text.split("\n## ");

describe("drafts from a campaign of 1,000", () => {
  test("are three, in the order and with the terms of Article 14(2), and one for the users", () => {
    expect(early).toStartWith("1. Early warning, within 24 hours of becoming aware (Article 14(2)(a))");
    expect(notification).toStartWith("2. Notification, within 72 hours of becoming aware (Article 14(2)(b))");
    expect(final).toStartWith("3. Final report, within 14 days of a measure being available (Article 14(2)(c))");
    expect(users).toStartWith("To the users (Article 14(8))");
  });

  test("say what the campaign knows", () => {
    expect(early).toContain("Product: famousMaker famousModel; affected versions ordered to update: 1.2.3");
    expect(early).toContain("east, north, west");
    expect(notification).toContain("an update to version 2.3.4 was decided at 2026-03-01T03:00:00Z and ordered to 998 devices");
    expect(notification).toContain("992 (99.2 %) verified on it and 7 to be taken as exposed at 2026-03-01T03:10:00Z");
    expect(final).toContain(`SHA-256 ${"ab".repeat(32)}`);
    expect(final).toContain("2026-03-15T03:00:00Z is the deadline");
    expect(final).toContain("a follow-up campaign (`edict report --follow-up`)");
  });

  test("mark for a person what an order to update cannot know", () => {
    const gaps = (part: string) => part.match(/\*\*\[fill in: [^\]]+\]\*\*/g)?.length ?? 0;
    expect(gaps(preface)).toBe(4);
    expect(early).toMatch(/Member States where .* \*\*\[fill in: Member States\]\*\*/);
    for (const words of [
      "General nature of the exploit",
      "General nature of the vulnerability",
      "Measures that users can take",
      "How sensitive",
    ])
      expect(notification).toMatch(new RegExp(`- ${words}[^\n]*\\*\\*\\[fill in:`));
    for (const words of ["The measure was available", "\\(i\\) Description", "\\(ii\\) Malicious actors"])
      expect(final).toMatch(new RegExp(`- ${words}[^\n]*\\*\\*\\[fill in:`));
    expect(gaps(users)).toBe(2);
  });
});

test("words from outside become neither Markdown nor HTML", () => {
  const input = sample(2);
  const words = "**[x](https://evil.example)** <script> | `a` \n# b";
  const targets = input.targets.map((device) => ({ ...device, region: words }));
  const page = renderCra(reportOf({ ...input, targets, campaign: { ...input.campaign, id: words } }));
  expect(page).toContain("\\*\\*\\[x\\](https://evil.example)\\*\\* \\<script\\> \\| \\`a\\` ?\\# b");
  expect(page).not.toMatch(/[^\\]<script|\n# b/);
});
