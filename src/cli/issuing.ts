/**
 * The issuing process: EST in front, the device authority's key in hand, the manager asked over its API. Of a state directory it
 * reads edict.json, ca/authority.* and its own token, so that it can run on a host of its own with no more than that.
 */
import { join } from "node:path";
import type { Logger } from "pino";
import { readAuthorities } from "../channel/gateway/peer-identity.ts";
import { EnrolmentError } from "../enrolment/errors.ts";
import { type DeskPort, Issuer } from "../enrolment/est/issuer.ts";
import { type EstServer, startEstServer } from "../enrolment/est/server.ts";
import { EdictError } from "../openc2/edict-error.ts";
import { ApiClient } from "../server/client.ts";
import { type Config, readConfig, readRunning, type StatePaths } from "../server/state-directory.ts";
import type { Clock } from "../trust/clock.ts";
import { issueServer, loadAuthority } from "../trust/sign/certificate-authority.ts";
import { readText } from "./context.ts";
import { CliError } from "./errors.ts";

interface IssuingPorts {
  readonly clock: Clock;
  readonly log: Logger;
}

export async function startIssuing(paths: StatePaths, { clock, log }: IssuingPorts): Promise<EstServer> {
  const config = readConfig(paths);
  const { enrolment } = config;
  if (enrolment === undefined) throw new CliError("ERR_CLI_USAGE", `${paths.config} has no member "enrolment" (docs/operate/enrolment.md)`);
  const { hostname, port, validDays } = enrolment;
  const caPem = readText(paths.authority, "the device authority");
  const authority = await loadAuthority(caPem, readText(paths.authorityKey, "the device authority's key"));
  const factories = enrolment.factories.map(({ vendor, authority: file }) => ({ vendor, pem: readText(join(paths.directory, file)) }));
  const own = await issueServer(authority, { names: [hostname, "localhost"], nowMs: clock.nowMs() });
  return startEstServer({
    hostname,
    port,
    tls: { certPem: own.certificatePem, keyPem: own.privateKeyPem },
    clientAuthoritiesPem: [caPem, ...factories.map(({ pem }) => pem)].join("\n"),
    issuer: new Issuer({
      authority,
      factories: factories.map(({ vendor, pem }) => ({ vendor, authorities: readAuthorities(pem) })),
      desk: deskOver(paths, config, caPem),
      clock,
      ...(validDays !== undefined && { validDays }),
    }),
    log,
  });
}

/** The manager is found anew for each request: it may have been started again, elsewhere when its port is 0. */
function deskOver(paths: StatePaths, { api }: Config, caPem: string): DeskPort {
  const token = readText(join(paths.tokens, "issuer.token"), "the issuing process's token").trim();
  const asked = async <T>(question: (client: ApiClient) => Promise<T>): Promise<T> => {
    const port = api.port === 0 ? readRunning(paths)?.api : api.port;
    try {
      return await question(new ApiClient({ url: `https://${api.hostname}:${port ?? 0}`, caPem, token }));
    } catch (cause) {
      // What the desk refuses is for the device to hear; that the manager is away, or takes another token, is not its fault.
      if (cause instanceof EdictError && cause.code.startsWith("ERR_ENROLMENT_")) throw cause;
      throw new EnrolmentError("ERR_ENROLMENT_MANAGER", "the manager cannot be asked", { cause });
    }
  };
  return {
    claim: (claim) => asked((client) => client.claim(claim)),
    issued: (claim, certificate) => asked((client) => client.issued(claim, certificate)),
  };
}
