/** Types that nothing but verification can make: the compiler is the test, `tsc` runs with every check. */
import { expect, test } from "bun:test";
import type { DeviceConfig } from "../../src/agent/config.ts";
import type { Installer, Manifest } from "../../src/agent/installer.ts";
import type { Job } from "../../src/agent/state.ts";
import { acceptUpdate, type AgreedImage } from "../../src/agent/update-check.ts";
import { type Command, encodeRequest, type Validated } from "../../src/openc2/index.ts";
import { type VerifiedCommand, type VerifiedPermit, verifyCommand } from "../../src/trust/verify/index.ts";
import type { Permit } from "../../src/trust/permit.ts";
import { directorOf, frameOf, makeParty } from "./people.ts";

declare const config: DeviceConfig;
declare const installed: Manifest;
declare const installer: Installer;
declare const job: Job;
declare const command: Validated<Command>;
declare const permit: Permit;

/** Never called: it is here to be compiled, and each line that would compile is an error. */
export function forgeries(): void {
  const facts = {
    command,
    headers: {},
    commandId: "x",
    createdMs: 0,
    notAfterMs: 1,
    frame: new Uint8Array(),
    sha256: "",
    persons: ["a", "b"],
  };
  // @ts-expect-error a command that was parsed and not verified is not obeyed
  acceptUpdate(command, config, installed, 0);
  // @ts-expect-error nor are all the facts of a verified one, put together by hand
  acceptUpdate(facts, config, installed, 0);
  // @ts-expect-error a digest and a size that nobody agreed on open no slot
  void installer.begin("b", { sha256: "ab", size: 1 });
  // @ts-expect-error nor does a job: it is verified again and held against the image repository first
  void installer.begin("b", job);
  // @ts-expect-error an object of the right shape is no agreed image
  const image: AgreedImage = { release: {}, sha256: "ab", size: 1 };
  // @ts-expect-error and no verified command
  const verified: VerifiedCommand = facts;
  // @ts-expect-error a permit that was read and not verified licenses nothing
  const licence: VerifiedPermit = permit;
  void [image, verified, licence];
}

test("and what verification has made cannot be changed afterwards", async () => {
  const party = await makeParty("isp.example");
  const payload = encodeRequest(
    { created: Date.now(), from: "manager" },
    { action: "query", target: { features: [] }, command_id: "what" },
  );
  const frame = await frameOf(payload, "command", [party.author, party.approver]);
  const verified = await verifyCommand(frame, { director: await directorOf(party), nowMs: Date.now() });
  expect(() => Object.assign(verified, { commandId: "another" })).toThrow(TypeError);
  expect(() => Object.assign(verified.command.target, { features: ["profiles"] })).toThrow(TypeError);
});
