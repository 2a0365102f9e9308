/**
 * The three reports that a manufacturer owes about an actively exploited vulnerability under Article 14(2) of Regulation (EU) 2024/2847
 * (Cyber Resilience Act), as Markdown, filled with what the campaign knows. What it does not know is marked for a person: an order to
 * update says nothing about the vulnerability, and Edict does not guess. They go through the single reporting platform (Article 16) to the
 * CSIRT that coordinates and to ENISA; sending them is a person's act. Pure.
 */
import { SOFTWARE_TARGET, type Software } from "../../openc2/profiles/x-swup/model.ts";
import { quoted } from "../quoted.ts";
import type { Report } from "../report-model.ts";
import { exposedRange } from "../sentences.ts";
import { aimText, isStop } from "../speech.ts";
import { countText, devicesText, durationText, percentText, timeText } from "../wording.ts";

const HOUR_MS = 3_600_000;

export function renderCra(report: Report): string {
  const sections = [preface(report), earlyWarning(report), notification(report), finalReport(report), users(report)];
  return `${sections.map((lines) => lines.join("\n")).join("\n\n")}\n`;
}

function preface({ campaign, generatedMs }: Report): string[] {
  return [
    `# Article 14 reports for ${text(campaign.id)}`,
    "",
    `Drafts made at ${timeText(generatedMs)} from campaign ${text(campaign.id)}. Every **[fill in: ...]** is for a person, and a person decides`,
    "whether the article applies: to a vulnerability of the manufacturer's product that is actively exploited. For a severe incident the same",
    "parts go by Article 14(4), whose final report is due one month after the notification.",
    "",
    `- Manufacturer, main establishment, contact: ${gap("name, Member State, e-mail reachable day and night")}`,
    `- Became aware at: ${gap("date and time (UTC); the first two deadlines count from it")}`,
    `- Coordinating CSIRT (Article 14(7)): ${gap("of the Member State of the main establishment")}`,
  ];
}

function earlyWarning(report: Report): string[] {
  return [
    "## 1. Early warning, within 24 hours of becoming aware (Article 14(2)(a))",
    "",
    ...product(report),
    `- Member States where the product is made available, as far as known: ${gap("Member States")}`,
    ...regions(report),
    "- What is reported: an actively exploited vulnerability.",
  ];
}

function notification(report: Report): string[] {
  const { campaign, sent } = report;
  return [
    "## 2. Notification, within 72 hours of becoming aware (Article 14(2)(b))",
    "",
    ...product(report),
    `- General nature of the exploit: ${gap("how it is exploited, since when")}`,
    `- General nature of the vulnerability: ${gap("identifier, class, what it gives an attacker")}`,
    `- Measures taken: ${isStop(campaign.command) ? "an order" : "an update"} ${text(aimText(campaign))} was decided at ${timeText(campaign.decidedMs)} and ordered to ${devicesText(sent.devices)}`,
    `  of ${devicesText(report.targeted)}; ${outcome(report)}.`,
    `- Measures that users can take: ${gap("what a user can do until the device is updated")}`,
    `- How sensitive this information is: ${gap("e.g. TLP:AMBER until most devices are updated")}`,
  ];
}

function finalReport(report: Report): string[] {
  const { campaign, generatedMs } = report;
  const { sha256 } = softwareOf(report).hashes ?? {};
  return [
    "## 3. Final report, within 14 days of a measure being available (Article 14(2)(c))",
    "",
    `- The measure was available at: ${gap("when the update was published")}; ordered at ${timeText(campaign.decidedMs)}, so at the latest`,
    `  ${timeText(campaign.decidedMs + 14 * 24 * HOUR_MS)} is the deadline, and this draft was made ${durationText(generatedMs - campaign.decidedMs)} after the order.`,
    `- (i) Description of the vulnerability, its severity and impact: ${gap("description, CVSS, what was affected")}`,
    `  Exposure since the decision: ${report.exposureDeviceHours.toFixed(1)} device-hours; ${exposedRange(report)}.`,
    `- (ii) Malicious actors that have exploited it: ${gap("what is known, or that nothing is")}`,
    isStop(campaign.command)
      ? `- (iii) Security update made available: ${gap("version and digest; this order is another corrective measure")};`
      : `- (iii) Security update made available: version ${text(campaign.newVersion ?? "")}, SHA-256 ${sha256 ?? gap("digest")};`,
    `  ${outcome(report)}. Not verified so far: ${countText(report.targeted - report.verdicts.verified)}.`,
    `- Who is still exposed gets: ${report.exposed.count === 0 ? "nobody is exposed." : "a follow-up campaign (`edict report --follow-up`)."}`,
  ];
}

function users({ campaign }: Report): string[] {
  return [
    "## To the users (Article 14(8))",
    "",
    `- Impacted users were told at: ${gap("when and how, machine-readable where possible")}`,
    isStop(campaign.command)
      ? `- What they were told: ${gap("what was done on their devices, and what to do themselves")}`
      : `- What they were told: that version ${text(campaign.newVersion ?? "")} mends it, and ${gap("what to do themselves")}`,
  ];
}

function product(report: Report): string[] {
  const { vendor, name, old_version: oldVersion } = softwareOf(report);
  const versions = [...new Set(report.strata.map(({ version }) => version))].filter((version) => version !== report.campaign.newVersion);
  const known = oldVersion === undefined ? versions : [oldVersion];
  const models = [...new Set(report.strata.map((stratum) => stratum.name))].map(text).join(", ");
  const affected = known.map(text).join(", ") || gap("versions");
  return [
    isStop(report.campaign.command)
      ? `- Product: ${models}; affected versions: ${affected}`
      : `- Product: ${text(vendor ?? "")} ${text(name ?? "")}; affected versions ordered to update: ${affected}`,
    `- Devices known to this operator: ${countText(report.targeted)}; elsewhere: ${gap("other operators and owners")}`,
  ];
}

function regions({ strata }: Report): string[] {
  const names = [...new Set(strata.map(({ region }) => region))].sort();
  return names.length === 0 ? [] : [`  (regions of this operator's devices: ${names.slice(0, 50).map(text).join(", ")})`];
}

function outcome({ campaign, verdicts, targeted, exposed, generatedMs }: Report): string {
  const verified = `${countText(verdicts.verified)} (${percentText(verdicts.verified, targeted)}) verified${isStop(campaign.command) ? "" : " on it"}`;
  return `${verified} and ${countText(exposed.count)} to be taken as exposed at ${timeText(generatedMs)}`;
}

function softwareOf({ campaign }: Report): Software {
  return (campaign.command.target as { [SOFTWARE_TARGET]?: Software })[SOFTWARE_TARGET] ?? {};
}

function gap(what: string): string {
  return `**[fill in: ${what}]**`;
}

/** Words from outside must not become Markdown or HTML. */
function text(words: string): string {
  return quoted(words).replace(/[\\`*_[\]<>#|!&]/g, "\\$&");
}
