/** `edict trust publish`: gives a signed document to the manager, and by it to gateways and devices. */
import type { Command } from "commander";
import { act } from "../../act.ts";
import { clientFor, readText } from "../../context.ts";
import { parseTrustDocument, titleOf } from "../../trust/describe.ts";

export function addPublish(trust: Command): void {
  const command = trust
    .command("publish")
    .description("send a signed document to the manager, which checks it as a device would and sends it to all of them")
    .argument("<file>")
    .option("--as <person>", "who publishes", "author");
  act<{ as: string }>(command, async (context, options, file = "") => {
    const text = readText(file);
    const published = parseTrustDocument(new TextEncoder().encode(text));
    await clientFor(context, options.as).publishTrust(text);
    context.output.line(`Published ${titleOf(published)}. Devices that stand have it in seconds, the others when they return.`);
    context.output.result({ kind: published.kind, version: published.document.version });
  });
}
