/**
 * One tenant's half of the manager, without ports: its database, the rules over it, and its management API. Nothing in here knows that
 * there may be other tenants: that is what keeps them apart. `serve-tenant.ts` opens the ports.
 */
import type { Logger } from "pino";
import { Driver } from "../campaign/driver.ts";
import type { Observer } from "../campaign/ports.ts";
import { SqliteCampaignStore } from "../campaign/sqlite/campaign-store.ts";
import { InProcessBackplane } from "../channel/backplane/in-process.ts";
import { SocketBackplaneServer } from "../channel/backplane/socket/server.ts";
import { PartBoard } from "../channel/stats/part-board.ts";
import { SqliteEnrolmentStore } from "../enrolment/desk/sqlite/enrolment-store.ts";
import { ImportDesk } from "../fleet/import/import-desk.ts";
import { openDatabase } from "../fleet/sqlite/database.ts";
import { SqliteFleetStore } from "../fleet/sqlite/fleet-store.ts";
import { SqliteImportStore } from "../fleet/sqlite/import-rows.ts";
import type { Clock } from "../trust/clock.ts";
import { makeApi } from "./api/app.ts";
import { ChannelWatch } from "./channel-watch.ts";
import { DepotWatch } from "./depot-watch.ts";
import { Intake } from "./intake.ts";
import { LiveView } from "./live-view.ts";
import { ManagementService } from "./management-service.ts";
import { readOperators } from "./operators.ts";
import { Quarantine } from "./quarantine.ts";
import { ReleaseWatch } from "./release-watch.ts";
import { SqliteVerificationStore } from "./sqlite/verification-store.ts";
import type { State } from "./state-directory.ts";
import { TrustBook } from "./trust-book.ts";
import { Validity } from "./validity.ts";

export type Tenant = Awaited<ReturnType<typeof openTenant>>;

/** Throws ERR_SERVER_STATE. */
export async function openTenant(state: State, clock: Clock, log: Logger) {
  const operators = readOperators(state);
  const database = openDatabase(state.paths.database);
  const fleet = new SqliteFleetStore(database);
  const campaigns = new SqliteCampaignStore(database);
  const enrolments = new SqliteEnrolmentStore(database);
  const verifications = new SqliteVerificationStore(database);
  const imports = new ImportDesk({
    store: new SqliteImportStore(database, fleet),
    directory: state.paths.imports,
    tenant: state.config.tenant,
    nowMs: () => clock.nowMs(),
    onFault: (error, id) => log.error({ err: error, import: id }, "an import cannot go on; it is taken up again at the next start"),
  });
  const onOrder = () => {
    backplane.nudge();
    apart.nudge();
  };
  const trust = await TrustBook.open({ state, store: campaigns, clock, onOrder });
  const validity = new Validity(state.tls, trust.directors);
  const releases = new ReleaseWatch(state.paths.depot, clock, log.child({ part: "releases" }));
  await releases.look();
  const live = new LiveView(
    fleet,
    campaigns,
    clock,
    (untilMs) => validity.problem(untilMs),
    (campaign) => releases.newerThan(campaign),
  );
  const quarantine = new Quarantine(campaigns.ledger());
  const intake = new Intake({
    fleet,
    campaigns,
    quarantine,
    tenant: state.config.tenant,
    onCommitted: (evidence, sent) => live.note(evidence, sent),
    onStanding: (ordinals) => live.noteStanding(ordinals),
  });
  const backplane = new InProcessBackplane(intake);
  const board = new PartBoard(clock);
  const apart = new SocketBackplaneServer({
    path: state.paths.backplane,
    manager: intake,
    board,
    clock,
    log: log.child({ part: "backplane" }),
  });
  const depotWatch = new DepotWatch(state.config);
  const observer: Observer = {
    planFacts: (campaign, all) => ({ ...live.planFacts(campaign, all), depot: depotWatch.facts(), release: releases.changeOf(campaign) }),
  };
  const driver = new Driver({
    store: campaigns,
    observer,
    zonesOf: (targets) => fleet.parts(targets, "timeZone"),
    directors: trust.directors,
    clock,
    onOrder,
  });
  const ports = { state, fleet, campaigns, enrolments, verifications, quarantine, imports, live, observer, driver, trust, clock };
  const service = new ManagementService(ports);
  const watch = new ChannelWatch({ board, campaigns, quarantine, depot: depotWatch, clock });
  const api = makeApi(service, watch, operators);
  return { state, database, fleet, imports, intake, backplane, apart, depotWatch, releases, driver, service, watch, api };
}
